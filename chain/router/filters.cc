#include "chain/router/filters.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/request/refusal.h"
#include "chain/router/match.h"
#include "chain/router/redirect.h"
#include "chain/router/rule_parts.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::int64_t no_backend_status = 500;

bool removes(const HeaderChanges& changes, const std::string& name) {
  return std::any_of(changes.remove.begin(), changes.remove.end(),
                     [&](const std::string& gone) { return same_ascii(gone, name); });
}

// Applies one filter after another to the request.
class Applying {
 public:
  // A data plane that matches the decoded path sends on the one that came, unless a filter changes it.
  Applying(const TableEntry& entry, const Request& request, std::string_view path, std::int64_t port, bool tls,
           const GatewayDialect& dialect, Outcome& out)
      : entry_(entry),
        request_(request),
        port_(port),
        tls_(tls),
        matched_(path),
        path_(dialect.path_known && dialect.path.escapes == PathTreatment::Escapes::all ? request.path : matched_),
        dialect_(dialect),
        out_(out) {
    seen_.host = request.host;
    seen_.headers = request.headers;
  }

  void run() {
    const RouteRule& rule = entry_.rule_spec();
    for (const RouteFilter& filter : rule.filters) {
      out_.filters.push_back(filter.type);
      if (apply(filter)) return;
    }
    add_rule_notes(rule, out_);
    const std::int64_t total = add_backends(rule, out_);
    if (total <= 0) return nothing_to_forward_to(rule);
    for (const BackendRef& backend : rule.backends) {
      if (backend.weight > 0 && !backend.filters.empty() && apply_at(backend)) return;
    }
    out_.action = Action::forward;
    out_.reason = fmt::format("rule {} of {} takes it", entry_.rule, entry_.route->meta.ref.text());
    seen_.path = path_ + (request_.query.empty() ? "" : "?" + request_.query);
    if (dialect_.filters_without_order && !rewritten_host_.empty()) seen_.host = rewritten_host_;
    out_.rewritten = seen_;
  }

 private:
  // True where the filter answers the request.
  bool apply(const RouteFilter& filter) {
    if (filter.type == "RequestHeaderModifier") return change_request(filter.changes), false;
    if (filter.type == "ResponseHeaderModifier") return change_response(filter.changes), false;
    if (filter.type == "RequestRedirect") return redirect(filter), true;
    if (filter.type == "URLRewrite") return rewrite(filter), false;
    if (filter.type == "RequestMirror") return mirror(filter), false;
    if (filter.type == "CORS" && !dialect_.ignores_unknown_filters)
      return filter.cors && apply_cors(*filter.cors, request_, out_);
    if (dialect_.ignores_unknown_filters) return ignore(filter), false;
    opaque_ = true;
    const std::string target = filter.target ? ref_of(*filter.target).text() : std::string("nothing that is known");
    if (filter.type == "ExternalAuth") {
      out_.notes.push_back(fmt::format("{} is asked first and may refuse the request (ExternalAuth)", target));
    } else if (filter.type == "ExtensionRef") {
      out_.notes.push_back(
          fmt::format("the filter {} belongs to the implementation: what it does to the request is not known", target));
    } else {
      out_.notes.push_back(
          fmt::format("the filter {} is not one of the Gateway API: what it does to the request is not known", filter.type));
    }
    return false;
  }

  void ignore(const RouteFilter& filter) {
    out_.notes.push_back(
        fmt::format("{} {} serves the rule as if its filter {} were not there, where the Gateway API has a filter that "
                    "is not supported answered with an error",
                    dialect_.name, dialect_.version, filter.type));
  }

  void change_request(const HeaderChanges& changes) {
    for (const HeaderField& field : changes.set) set(field);
    for (const HeaderField& field : changes.add) add(field);
    std::erase_if(seen_.headers, [&](const HeaderField& field) { return removes(changes, field.name); });
    tell_overlap(changes);
  }

  void set(const HeaderField& field) {
    if (same_ascii(field.name, "host")) {
      seen_.host = field.value;
      return;
    }
    std::erase_if(seen_.headers, [&](const HeaderField& old) { return same_ascii(old.name, field.name); });
    seen_.headers.push_back(field);
  }

  // HTTPHeaderFilter.add: "appends to any existing values".
  void add(const HeaderField& field) {
    if (dialect_.filters_without_order) {
      if (same_ascii(field.name, "host")) return set(field);
      seen_.headers.push_back(field);
      return;
    }
    const auto found = std::find_if(seen_.headers.rbegin(), seen_.headers.rend(),
                                    [&](const HeaderField& old) { return same_ascii(old.name, field.name); });
    if (found == seen_.headers.rend()) {
      seen_.headers.push_back(field);
    } else {
      found->value += "," + field.value;
    }
  }

  void change_response(const HeaderChanges& changes) {
    out_.response_headers.insert(out_.response_headers.end(), changes.set.begin(), changes.set.end());
    out_.response_headers.insert(out_.response_headers.end(), changes.add.begin(), changes.add.end());
    std::erase_if(out_.response_headers, [&](const HeaderField& field) { return removes(changes, field.name); });
    out_.response_headers_removed.insert(out_.response_headers_removed.end(), changes.remove.begin(), changes.remove.end());
    tell_overlap(changes);
  }

  // The spec gives no order among set, add and remove of one name.
  void tell_overlap(const HeaderChanges& changes) {
    const auto tell = [&](const HeaderField& field) {
      if (removes(changes, field.name))
        out_.notes.push_back(
            fmt::format("the header {} is both written and removed: data planes differ in which is done last", field.name));
    };
    for (const HeaderField& field : changes.set) tell(field);
    for (const HeaderField& field : changes.add) tell(field);
  }

  std::string_view matched_prefix() const {
    const RouteMatch& match = entry_.match_spec();
    return path_type(match) == "PathPrefix" ? path_value(match) : std::string_view();
  }

  void redirect(const RouteFilter& filter) {
    out_.action = Action::redirect;
    out_.status = filter.status;
    if (dialect_.filters_without_order) {
      out_.response_headers.clear();
      out_.response_headers_removed.clear();
    }
    if (dialect_.redirect != nullptr) return redirect_as_written(filter);
    out_.redirect =
        redirect_target(filter, request_, request_.host, filter.path_change ? matched_ : path_, matched_prefix(), port_, tls_);
    out_.location = location_of(*out_.redirect);
    out_.reason = fmt::format("rule {} of {} redirects it to {}", entry_.rule, entry_.route->meta.ref.text(), out_.location);
    const RedirectTarget here{tls_ ? "https" : "http", request_.host, request_.port,
                              path_ + (request_.query.empty() ? "" : "?" + request_.query)};
    if (location_of(here) == out_.location)
      out_.notes.push_back("the redirect leads to the same URL: clients follow it in a loop");
  }

  void redirect_as_written(const RouteFilter& filter) {
    WrittenRedirect written = dialect_.redirect(filter, request_, matched_, matched_prefix());
    const std::string scheme = written.location.substr(0, written.location.find(':'));
    const RedirectTarget by_the_spec = redirect_target(filter, request_, request_.host, matched_, matched_prefix(), port_, tls_);
    out_.redirect = RedirectTarget{scheme, written.host, written.port.value_or(scheme == "https" ? 443 : 80), written.path};
    out_.location = std::move(written.location);
    out_.reason = fmt::format("rule {} of {} redirects it to {}", entry_.rule, entry_.route->meta.ref.text(), out_.location);
    const std::string spec = location_of(by_the_spec);
    if (lower_case(spec) != lower_case(out_.location))
      out_.notes.push_back(fmt::format("{} {} redirects to {}, where the Gateway API has {}", dialect_.name, dialect_.version,
                                       out_.location, spec));
    if (out_.location == fmt::format("{}://{}{}{}", tls_ ? "https" : "http", request_.authority_sent(), matched_,
                                     request_.query.empty() ? "" : "?" + request_.query))
      out_.notes.push_back("the redirect leads to the same URL: clients follow it in a loop");
  }

  void rewrite(const RouteFilter& filter) {
    if (filter.hostname && !filter.hostname->empty()) rewritten_host_ = seen_.host = *filter.hostname;
    if (!filter.path_change) return;
    path_ = changed_path(*filter.path_change, matched_, matched_prefix());
    if (dialect_.replaced_prefix == nullptr || filter.path_change->whole) return;
    std::string replaced = dialect_.replaced_prefix(matched_, matched_prefix(), filter.path_change->value);
    if (replaced != path_)
      out_.notes.push_back(
          fmt::format("{} {} makes the path {}, where the Gateway API has {}", dialect_.name, dialect_.version, replaced, path_));
    path_ = std::move(replaced);
  }

  void mirror(const RouteFilter& filter) {
    if (!filter.target) return;
    if (filter.mirrored && *filter.mirrored <= 0) return;
    const double share = filter.mirrored.value_or(1);
    std::string note =
        fmt::format("{} requests are copied to {}, whose answers are thrown away",
                    share >= 1 ? "all" : fmt::format("{:g} % of", share * 100), backend_text(*filter.target, filter.target_port));
    out_.notes.push_back(note);
    out_.mirrors.push_back({ref_of(*filter.target), std::move(note)});
  }

  // Filters of one backend work on the requests that go there (HTTPBackendRef.filters).
  bool apply_at(const BackendRef& backend) {
    const bool alone = out_.backends.size() == 1;
    for (const RouteFilter& filter : backend.filters) {
      out_.filters.push_back(filter.type);
      if (!alone) {
        out_.notes.push_back(
            fmt::format("{} of {} works on the requests that go there alone", filter.type, backend_text(backend, backend.port)));
      } else if (apply(filter)) {
        out_.backends.clear();
        return true;
      }
    }
    return false;
  }

  // HTTPRouteRule.backendRefs and GRPCRouteRule.backendRefs: all invalid or none, and no filter that answers.
  void nothing_to_forward_to(const RouteRule& rule) {
    const std::string why = rule.backends.empty() ? "has no backendRefs" : "has backendRefs of weight 0 alone";
    out_.reason = fmt::format("rule {} of {} takes it and {}", entry_.rule, entry_.route->meta.ref.text(), why);
    if (opaque_) {
      out_.action = Action::unknown;
      out_.reason += "; a filter of the implementation may answer it";
      return;
    }
    out_.action = Action::respond;
    if (entry_.route->kind == Kind::grpc_route) {
      out_.grpc_status = "UNAVAILABLE";
    } else {
      out_.status = no_backend_status;
    }
  }

  const TableEntry& entry_;
  const Request& request_;
  std::int64_t port_;
  bool tls_;
  std::string matched_;  // the path as it was matched
  std::string path_;     // as the backend sees it
  Rewritten seen_;
  const GatewayDialect& dialect_;
  std::string rewritten_host_;  // by URLRewrite
  bool opaque_ = false;         // a filter may do anything
  Outcome& out_;
};

}  // namespace

void apply_rule(const TableEntry& entry, const Request& request, std::string_view path, std::int64_t listener_port,
                bool listener_tls, const GatewayDialect& dialect, Outcome& out) {
  Applying(entry, request, path, listener_port, listener_tls, dialect, out).run();
}

}  // namespace gwdoctor
