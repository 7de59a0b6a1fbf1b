#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/shape.h"
#include "chain/request/path.h"
#include "chain/traefik/rule.h"
#include "chain/traefik/template.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Is = TraefikVerdict::Is;
using Kind = TraefikRule::Kind;

TraefikVerdict result(bool met, std::string why) {
  if (met) return {Is::yes, {}, 1, {}};
  return {Is::no, std::move(why), 0, {}};
}
TraefikVerdict unknown(std::string why) { return {Is::unknown, std::move(why), 0, {}}; }

TraefikVerdict by_pattern(std::string_view pattern, std::string_view text, Anchors anchors, bool folds_case, std::string why) {
  PatternMatch found = match_pattern(pattern, text, anchors, folds_case);
  if (found.verdict == IngressDialect::Match::Verdict::unknown) return unknown(std::move(found.why));
  return result(found.verdict == IngressDialect::Match::Verdict::yes, std::move(why));
}

std::string_view without_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

// pkg/muxer: "*." stands for one label, "**." for one or more, "*" elsewhere for itself. Syntax v3 alone.
bool host_is(std::string_view wanted, std::string_view host, TraefikSyntax syntax) {
  const std::string lower = lower_case(without_dot(wanted));
  if (syntax == TraefikSyntax::v3 && lower.starts_with("**.")) {
    const std::string_view tail = std::string_view(lower).substr(2);
    return host.size() > tail.size() && host.ends_with(tail);
  }
  if (syntax == TraefikSyntax::v3 && lower.starts_with("*.")) {
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 && host.substr(dot) == std::string_view(lower).substr(1);
  }
  return lower == host;
}

std::string listed(const std::vector<std::string>& values) { return fmt::format("{}", fmt::join(values, " or ")); }

std::vector<std::string> query_values(std::string_view query, std::string_view name) {
  const auto decoded = [](std::string_view text) {
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '+', ' ');
    return percent_decoded(plain);
  };
  std::vector<std::string> out;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    const std::size_t equals = std::min(part.find('='), part.size());
    if (decoded(part.substr(0, equals)) == name) out.push_back(decoded(part.substr(std::min(equals + 1, part.size()))));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return out;
}

class Evaluator {
 public:
  Evaluator(const Request& request, std::string_view path, bool hosts_only)
      : request_(request), path_(path), hosts_only_(hosts_only) {}

  TraefikVerdict of(const TraefikRule& rule) const {
    switch (rule.kind) {
      case Kind::all:
        return all(rule);
      case Kind::any:
        return any(rule);
      case Kind::inverse: {
        TraefikVerdict inner = of(rule.parts.front());
        if (inner.is == Is::unknown) return inner;
        return result(inner.is == Is::no, "the rule excludes what it would take");
      }
      case Kind::matcher:
        break;
    }
    const bool host = rule.name.starts_with("Host");
    if (hosts_only_ && !host) return unknown({});
    return matcher(rule);
  }

 private:
  TraefikVerdict all(const TraefikRule& rule) const {
    TraefikVerdict out{Is::yes, {}, 0, {}};
    for (const TraefikRule& part : rule.parts) {
      TraefikVerdict one = of(part);
      out.met += one.met;
      if (out.host.empty()) out.host = one.host;
      const bool worse = one.is == Is::no ? out.is != Is::no : one.is == Is::unknown && out.is == Is::yes;
      if (!worse) continue;
      out.is = one.is;
      out.why = std::move(one.why);
    }
    return out;
  }

  TraefikVerdict any(const TraefikRule& rule) const {
    TraefikVerdict out;
    out.met = -1;
    for (const TraefikRule& part : rule.parts) {
      TraefikVerdict one = of(part);
      if (one.is == Is::yes) return one;
      const bool better = one.is == Is::unknown ? out.is == Is::no : out.is == Is::no && one.met > out.met;
      if (better) out = std::move(one);
    }
    return out;
  }

  TraefikVerdict matcher(const TraefikRule& rule) const {
    const std::string& name = rule.name;
    if (name == "Host" || name == "HostHeader") return host(rule);
    if (name == "HostRegexp") return host_regexp(rule);
    if (name.starts_with("Path")) return path(rule);
    if (name == "Method") return method(rule);
    if (name.starts_with("Header")) return header(rule);
    if (name.starts_with("Query")) return query(rule);
    return unknown(fmt::format("ClientIP({}): the address of the client is not part of the request", listed(rule.values)));
  }

  TraefikVerdict host(const TraefikRule& rule) const {
    for (const std::string& wanted : rule.values) {
      if (host_is(wanted, request_.host, rule.syntax)) return {Is::yes, {}, 1, wanted};
    }
    return result(false, fmt::format("host {} is not {}", request_.host.empty() ? "\"\"" : request_.host, listed(rule.values)));
  }

  TraefikVerdict host_regexp(const TraefikRule& rule) const {
    const bool v2 = rule.syntax == TraefikSyntax::v2;
    return first_of(rule, [&](const std::string& value) {
      const std::string pattern = v2 ? template_regex(value, '.').value_or(std::string()) : value;
      return by_pattern(pattern, request_.host, v2 ? Anchors::whole : Anchors::anywhere, v2,
                        fmt::format("host {} does not match {}", request_.host, value));
    });
  }

  TraefikVerdict path(const TraefikRule& rule) const {
    const bool prefix = rule.name == "PathPrefix";
    const std::string_view words = prefix ? "does not begin with" : "is not";
    return first_of(rule, [&](const std::string& value) {
      if (rule.name == "PathRegexp")
        return by_pattern(value, path_, Anchors::anywhere, false, fmt::format("path {} does not match {}", path_, value));
      const std::string why = fmt::format("path {} {} {}", path_, words, value);
      if (rule.syntax == TraefikSyntax::v2 && value.find('{') != std::string::npos) {
        return by_pattern(template_regex(value, '/').value_or(std::string()), path_, prefix ? Anchors::start : Anchors::whole,
                          false, why);
      }
      return result(prefix ? path_.starts_with(value) : path_ == value, why);
    });
  }

  TraefikVerdict method(const TraefikRule& rule) const {
    return first_of(rule, [&](const std::string& value) {
      const std::string upper = upper_case(value);
      return result(request_.method == upper, fmt::format("method {}, not {}", request_.method, upper));
    });
  }

  // In v2 one matcher may hold several pairs, all of which are wanted.
  TraefikVerdict header(const TraefikRule& rule) const {
    const bool regex = rule.name.ends_with("Regexp");
    TraefikVerdict out{Is::yes, {}, 0, {}};
    for (std::size_t at = 0; at + 1 < rule.values.size(); at += 2) {
      TraefikVerdict one = one_header(rule.values[at], rule.values[at + 1], regex);
      out.met += one.met;
      if (one.is == Is::no || (one.is == Is::unknown && out.is == Is::yes)) {
        out.is = one.is;
        out.why = std::move(one.why);
      }
    }
    return out;
  }

  TraefikVerdict one_header(const std::string& name, const std::string& value, bool regex) const {
    // The entry point sets these from the connection before routers see the request (pkg/middlewares/forwardedheaders).
    const std::string lower = lower_case(name);
    if (lower.starts_with("x-forwarded-") || lower == "x-real-ip")
      return unknown(fmt::format("the header {} is set by Traefik itself", name));
    TraefikVerdict out = result(false, fmt::format("header {} {} {}", name, regex ? "does not match" : "is not", value));
    for (const HeaderField& field : request_.headers) {
      if (!same_ascii(field.name, name)) continue;
      TraefikVerdict one =
          regex ? by_pattern(value, field.value, Anchors::anywhere, false, out.why) : result(field.value == value, out.why);
      if (one.is == Is::yes) return one;
      if (one.is == Is::unknown) out = std::move(one);
    }
    return out;
  }

  TraefikVerdict query(const TraefikRule& rule) const {
    if (rule.syntax == TraefikSyntax::v2) return query_v2(rule);
    const std::string& name = rule.values.front();
    const std::string value = rule.values.size() == 2 ? rule.values[1] : std::string();
    const bool regex = rule.name == "QueryRegexp" && rule.values.size() == 2;
    TraefikVerdict out = result(false, fmt::format("query parameter {} {} {}", name, regex ? "does not match" : "is not",
                                                   value.empty() ? "empty" : value));
    for (const std::string& given : query_values(request_.query, name)) {
      TraefikVerdict one = regex ? by_pattern(value, given, Anchors::anywhere, false, out.why) : result(given == value, out.why);
      if (one.is != Is::no) return one;
    }
    return out;
  }

  TraefikVerdict query_v2(const TraefikRule& rule) const {
    for (const std::string& pair : rule.values) {
      const std::size_t equals = std::min(pair.find('='), pair.size());
      const std::string name = pair.substr(0, equals);
      const std::string value = equals == pair.size() ? std::string() : pair.substr(equals + 1);
      if (value.find('{') != std::string::npos) return unknown(fmt::format("Query({}): a pattern of v2 is not evaluated", pair));
      const std::vector<std::string> given = query_values(request_.query, name);
      if (given.empty() || (!value.empty() && given.front() != value))
        return result(false, fmt::format("query parameter {} is not {}", name, value.empty() ? "there" : value));
    }
    return result(true, {});
  }

  template <class Test>
  TraefikVerdict first_of(const TraefikRule& rule, Test&& test) const {
    TraefikVerdict out;
    for (const std::string& value : rule.values) {
      TraefikVerdict one = test(value);
      if (one.is == Is::yes) return one;
      if (one.is == Is::unknown || out.why.empty()) out = std::move(one);
    }
    return out;
  }

  const Request& request_;
  std::string_view path_;
  bool hosts_only_;
};

}  // namespace

TraefikVerdict evaluate(const TraefikRule& rule, const Request& request, std::string_view path) {
  return Evaluator(request, path, false).of(rule);
}

bool may_take_host(const TraefikRule& rule, const Request& request) { return Evaluator(request, {}, true).of(rule).is != Is::no; }

}  // namespace gwdoctor
