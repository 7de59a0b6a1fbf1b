#pragma once
// HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute as one struct, with the API server's defaults applied.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/gateway.h"
#include "kube/objects/header_field.h"
#include "kube/objects/meta.h"

namespace gwdoctor {

struct ParentRef : ObjectRef {
  std::string section;  // sectionName; "" names every listener
  std::optional<std::int64_t> port;
};

// One condition on a request. `type` is Exact, PathPrefix, RegularExpression …, as the spec writes it.
struct ValueMatch {
  std::string name;  // "" for a path
  std::string type;
  std::string value;
};

struct RouteMatch {
  std::optional<ValueMatch> path;  // HTTPRoute; PathPrefix / where absent
  std::string method;              // HTTPRoute; "" is any
  std::optional<ValueMatch> grpc;  // GRPCRoute: name = service, value = method
  std::vector<ValueMatch> headers;
  std::vector<ValueMatch> query;
  std::string path_in_document;  // spec.rules[0].matches[1]; "" for the default match
};

// HTTPHeaderFilter. Values of `set` replace, those of `add` are appended, those of `remove` go; names in any case.
struct HeaderChanges {
  std::vector<HeaderField> set;
  std::vector<HeaderField> add;
  std::vector<std::string> remove;
};

// HTTPPathModifier.
struct PathChange {
  bool whole = false;  // ReplaceFullPath; else ReplacePrefixMatch
  std::string value;   // what replaces; "" is a value
};

// HTTPCORSFilter.
struct CorsRules {
  std::vector<std::string> origins;
  std::vector<std::string> methods;
  std::vector<std::string> headers;
  std::vector<std::string> exposed;
  bool credentials = false;
  std::int64_t max_age = 5;  // seconds
};

struct RouteFilter {
  std::string type;                 // RequestRedirect, URLRewrite, RequestMirror, ExtensionRef, …
  std::string path;                 // spec.rules[0].filters[0]
  std::optional<ObjectRef> target;  // RequestMirror.backendRef, ExtensionRef, ExternalAuth.backendRef
  std::optional<std::int64_t> target_port;
  HeaderChanges changes;                  // RequestHeaderModifier, ResponseHeaderModifier
  std::optional<std::string> scheme;      // RequestRedirect
  std::optional<std::string> hostname;    // RequestRedirect, URLRewrite; lower case
  std::optional<PathChange> path_change;  // RequestRedirect, URLRewrite
  std::optional<std::int64_t> port;       // RequestRedirect
  std::int64_t status = 302;              // RequestRedirect.statusCode
  std::optional<double> mirrored;         // RequestMirror: the share of requests, 0 … 1; nothing: all
  std::optional<CorsRules> cors;          // CORS
};

struct BackendRef : ObjectRef {
  std::optional<std::int64_t> port;
  std::int64_t weight = 1;
  std::vector<RouteFilter> filters;
};

// HTTPRouteTimeouts: Gateway API durations as written ("10s"; GEP-2257); "" where unset, "0s" is none.
struct RouteTimeouts {
  std::string request;
  std::string backend_request;
};

// HTTPRouteRetry.
struct RouteRetry {
  std::vector<std::int64_t> codes;
  std::optional<std::int64_t> attempts;
  std::string backoff;
};

// SessionPersistence.
struct SessionPersistence {
  std::string type;  // Cookie, Header
  std::string session_name;
  std::string absolute_timeout;
  std::string idle_timeout;
};

struct RouteRule {
  std::string name;
  std::vector<RouteMatch> matches;  // never empty: the default match stands in where none is written
  std::vector<RouteFilter> filters;
  std::vector<BackendRef> backends;
  RouteTimeouts timeouts;           // HTTPRoute
  std::optional<RouteRetry> retry;  // HTTPRoute
  std::optional<SessionPersistence> persistence;
  std::string path;  // spec.rules[0]
};

struct RouteParentStatus {
  ParentRef parent;
  std::string controller_name;
  Conditions conditions;
  std::string path;  // status.parents[0]
};

struct Route {
  Meta meta;
  Kind kind = Kind::http_route;
  std::vector<ParentRef> parents;
  std::vector<std::string> hostnames;  // lower case; empty: those of the listener
  std::vector<RouteRule> rules;        // one default rule where an HTTPRoute's are absent; none where the list is empty
  std::vector<RouteParentStatus> parent_status;
};

}  // namespace gwdoctor
