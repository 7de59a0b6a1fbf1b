#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/alb.h"
#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "kube/json.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

// Go reads the names of fields in any case.
const Value& field(const Value& object, std::string_view name) {
  for (const auto& [key, value] : object.members()) {
    if (lower_case(key) == lower_case(name)) return value;
  }
  static const Value none;
  return none;
}

std::vector<std::string> texts(const Value& config) { return decode_texts(field(config, "values")); }

bool any_glob(const std::vector<std::string>& globs, std::string_view text) {
  const std::string folded = lower_case(text);
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return match_glob(lower_case(glob), folded); });
}

Match result(bool met, std::string failed) {
  return {met ? Verdict::yes : Verdict::no, met ? std::string() : std::move(failed), met ? 1 : 0};
}

Match match_header(const Value& config, const Request& request) {
  const std::string name(field(config, "httpHeaderName").text());
  const std::vector<std::string> values = texts(config);
  const std::optional<std::string> value = header_value(request, name);
  return result(value && any_glob(values, *value),
                fmt::format("header {} is {}, not {}", name, value.value_or("absent"), fmt::join(values, " or ")));
}

Match match_method(const Value& config, const Request& request) {
  const std::vector<std::string> values = texts(config);
  return result(std::find(values.begin(), values.end(), request.method) != values.end(),
                fmt::format("method {}, not {}", request.method, fmt::join(values, " or ")));
}

// A pair without a key takes that value under any.
Match match_query(const Value& config, const Request& request) {
  std::vector<std::string> wanted;
  for (const Value& pair : field(config, "values").items()) {
    const std::string key(field(pair, "key").text());
    const std::string value(field(pair, "value").text());
    wanted.push_back(key.empty() ? value : fmt::format("{}={}", key, value));
  }
  std::string_view rest = request.query;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, std::min(rest.find('&'), rest.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string_view value = equals < one.size() ? one.substr(equals + 1) : std::string_view();
    for (const std::string& pair : wanted) {
      const bool keyed = pair.find('=') != std::string::npos;
      if (any_glob({pair}, keyed ? fmt::format("{}={}", one.substr(0, equals), value) : std::string(value)))
        return {Verdict::yes, {}, 1};
    }
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return {Verdict::no, fmt::format("no query parameter {}", fmt::join(wanted, " or ")), 0};
}

std::string action_text(const IngressEntry& entry) {
  return annotation_text(*entry.ingress, alb_prefix, "actions." + entry.backend().service);
}

// #{host}, #{path} without its slash, #{port}, #{protocol} and #{query} stand for those of the request.
std::string filled_in(std::string text, const Request& request, std::string_view path) {
  const std::pair<std::string_view, std::string> words[] = {{"#{host}", request.host},
                                                            {"#{path}", std::string(path.substr(path.starts_with('/') ? 1 : 0))},
                                                            {"#{port}", std::to_string(request.port)},
                                                            {"#{protocol}", request.tls ? "HTTPS" : "HTTP"},
                                                            {"#{query}", request.query}};
  for (const auto& [word, value] : words) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size())) {
      text.replace(at, word.size(), value);
    }
  }
  return text;
}

void apply_redirect(const IngressEntry& entry, const Value& config, const Request& request, std::string_view path, Outcome& out) {
  const auto part = [&](std::string_view name, std::string_view otherwise) {
    return filled_in(filled_text(field(config, name), otherwise), request, path);
  };
  const std::string scheme = lower_case(part("protocol", "#{protocol}"));
  const std::string port = part("port", "#{port}");
  const std::string query = part("query", "#{query}");
  std::string target = part("path", "/#{path}");
  if (!query.empty()) target += "?" + query;
  std::int64_t number = 0;
  for (const char digit : port.substr(0, 5)) number = digit >= '0' && digit <= '9' ? number * 10 + (digit - '0') : number;
  const std::int64_t status = field(config, "statusCode").text() == "HTTP_302" ? 302 : 301;
  redirect(status, scheme, part("host", "#{host}"), number, target,
           fmt::format("action {} of Ingress {}", entry.backend().service, name_of(*entry.ingress)), out);
}

void apply_forward(const IngressEntry& entry, const Value& action, Outcome& out) {
  out.backends.clear();
  std::int64_t total = 0;
  for (const Value& group : field(field(action, "forwardConfig"), "targetGroups").items()) {
    TracedBackend backend;
    const std::string service(field(group, "serviceName").text());
    if (service.empty()) {
      const std::string arn(field(group, "targetGroupARN").text());
      backend.object =
          Ref{"elbv2.k8s.aws", "TargetGroup", {}, arn.empty() ? std::string(field(group, "targetGroupName").text()) : arn, {}};
    } else {
      backend.object = ref(Kind::service, entry.ingress->meta.ref.ns, service);
      const IntOrString port = decode_int_or_string(field(group, "servicePort"));
      backend.port = port.number;
      backend.port_name = port.name;
    }
    backend.weight = field(group, "weight").integer().value_or(1);
    total += std::max<std::int64_t>(backend.weight, 0);
    out.backends.push_back(std::move(backend));
  }
  const std::string arn(field(action, "targetGroupARN").text());
  if (out.backends.empty() && !arn.empty()) {
    TracedBackend backend;
    backend.object = Ref{"elbv2.k8s.aws", "TargetGroup", {}, arn, {}};
    out.backends.push_back(std::move(backend));
    return;
  }
  for (TracedBackend& backend : out.backends) {
    backend.share = total > 0 ? static_cast<double>(std::max<std::int64_t>(backend.weight, 0)) / static_cast<double>(total) : 0;
  }
}

}  // namespace

AlbConditions alb_conditions(const IngressEntry& entry) {
  AlbConditions out;
  if (entry.is_default()) return out;
  out.text = annotation_text(*entry.ingress, alb_prefix, "conditions." + entry.backend().service);
  if (out.text.empty()) return out;
  const Result<Value> parsed = parse_json(out.text);
  if (!parsed) {
    out.broken = fmt::format("annotation conditions.{} is no JSON: {}", entry.backend().service, parsed.error().message);
    return out;
  }
  for (const Value& condition : parsed->items()) {
    const std::string kind(field(condition, "field").text());
    const auto add = [&](std::vector<std::string>& to, std::string_view config) {
      const std::vector<std::string> values = texts(field(condition, config));
      to.insert(to.end(), values.begin(), values.end());
    };
    if (kind == "host-header") {
      add(out.hosts, "hostHeaderConfig");
    } else if (kind == "path-pattern") {
      add(out.paths, "pathPatternConfig");
    } else {
      out.others.push_back(condition);
    }
  }
  return out;
}

Match match_condition(const Value& condition, const Request& request) {
  const std::string kind(field(condition, "field").text());
  if (kind == "http-header") return match_header(field(condition, "httpHeaderConfig"), request);
  if (kind == "http-request-method") return match_method(field(condition, "httpRequestMethodConfig"), request);
  if (kind == "query-string") return match_query(field(condition, "queryStringConfig"), request);
  if (kind == "source-ip") {
    return {Verdict::unknown,
            fmt::format("it asks for a client of {}, and where the request comes from is not known",
                        fmt::join(texts(field(condition, "sourceIpConfig")), " or ")),
            0};
  }
  return {Verdict::unknown, fmt::format("its condition {} is not known here", kind), 0};
}

bool names_action(const IngressEntry& entry) { return entry.backend().port_name == "use-annotation"; }

void apply_action(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out) {
  const Result<Value> action = parse_json(action_text(entry));
  if (!action || !action->is_object()) {
    out.action = Action::unknown;
    out.reason =
        fmt::format("annotation actions.{} of Ingress {} is missing or no JSON: the controller builds no load balancer from it",
                    entry.backend().service, name_of(*entry.ingress));
    out.backends.clear();
    return;
  }
  const std::string type(field(*action, "type").text());
  if (type == "fixed-response") {
    const Value& config = field(*action, "fixedResponseConfig");
    std::int64_t status = 0;
    for (const char digit : std::string(field(config, "statusCode").text()).substr(0, 3)) {
      if (digit >= '0' && digit <= '9') status = status * 10 + (digit - '0');
    }
    out.action = Action::respond;
    out.status = status;
    out.reason = fmt::format("action {} of Ingress {} is a fixed response", entry.backend().service, name_of(*entry.ingress));
  } else if (type == "redirect") {
    apply_redirect(entry, field(*action, "redirectConfig"), request, path, out);
  } else {
    forward_to(entry, request, path, out);
    apply_forward(entry, *action, out);
  }
}

}  // namespace gwdoctor
