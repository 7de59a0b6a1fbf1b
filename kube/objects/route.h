#pragma once
// HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute as one struct, with the API server's defaults applied.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/gateway.h"
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

struct RouteFilter {
  std::string type;                 // RequestRedirect, URLRewrite, RequestMirror, ExtensionRef, …
  std::string path;                 // spec.rules[0].filters[0]
  std::optional<ObjectRef> target;  // RequestMirror.backendRef, ExtensionRef, ExternalAuth.backendRef
  std::optional<std::int64_t> target_port;
};

struct BackendRef : ObjectRef {
  std::optional<std::int64_t> port;
  std::int64_t weight = 1;
  std::vector<RouteFilter> filters;
};

struct RouteRule {
  std::string name;
  std::vector<RouteMatch> matches;  // never empty: the default match stands in where none is written
  std::vector<RouteFilter> filters;
  std::vector<BackendRef> backends;
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
