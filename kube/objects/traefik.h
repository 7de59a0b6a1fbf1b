#pragma once
// Traefik's own objects (traefik.io/v1alpha1): IngressRoute, Middleware, TraefikService. Fields that do not change where a
// request goes, or what becomes of it on the way, are not read.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/header_field.h"
#include "kube/objects/meta.h"

namespace gwdoctor {

// A reference to an object of Traefik's: Middleware, TLSOption.
struct TraefikRef {
  std::string ns;  // that is meant: the referrer's own where the field is absent
  std::string name;
  bool names_namespace = false;  // the namespace field is written
  std::string path;              // spec.routes[0].middlewares[0]
};

// LoadBalancerSpec: a Service, or a TraefikService.
struct TraefikBackend {
  std::string kind;  // "Service", "TraefikService"
  std::string ns;    // that is meant
  std::string name;
  bool names_namespace = false;
  std::optional<std::int64_t> port;  // by number …
  std::string port_name;             // … or by name
  std::optional<std::int64_t> weight;
  std::string scheme;             // http, https, h2c; "" for what the port suggests
  std::optional<bool> native_lb;  // to the Service's address, not to its endpoints
  std::optional<bool> pass_host;  // passHostHeader; true where absent
  std::string path;               // spec.routes[0].services[0]
};

struct IngressRoute {
  struct Route {
    std::string match;
    std::string syntax;  // "v2", "v3"; "" for the default
    std::string kind;    // "Rule"
    std::int64_t priority = 0;
    std::vector<TraefikBackend> services;
    std::vector<TraefikRef> middlewares;
    std::string path;  // spec.routes[0]
  };
  Meta meta;
  std::vector<std::string> entry_points;  // empty: the default ones
  std::vector<Route> routes;
  bool has_tls = false;    // spec.tls is written, empty or not
  std::string tls_secret;  // spec.tls.secretName
  std::string cert_resolver;
  bool passthrough = false;
  std::string class_name;  // the annotation kubernetes.io/ingress.class
};

struct Middleware {
  Meta meta;
  std::string type;  // the one member of spec: "stripPrefix", "redirectScheme"; "" where there is not exactly one
  std::vector<std::string> prefixes;  // stripPrefix.prefixes, stripPrefixRegex.regex
  std::string prefix;                 // addPrefix
  std::string to_path;                // replacePath.path
  std::string regex;                  // replacePathRegex, redirectRegex …
  std::string replacement;            // … what takes its place
  std::string scheme;                 // redirectScheme
  std::string port;
  bool permanent = false;
  bool force_slash = true;                   // stripPrefix.forceSlash
  std::vector<HeaderField> request_headers;  // headers.customRequestHeaders; "" takes the header away
  std::vector<HeaderField> response_headers;
  std::vector<TraefikRef> chain;           // chain.middlewares
  std::vector<std::string> source_ranges;  // ipAllowList, ipWhiteList
};

struct TraefikService {
  Meta meta;
  std::vector<TraefikBackend> weighted;
  std::optional<TraefikBackend> mirrored;  // mirroring: who answers …
  std::vector<TraefikBackend> mirrors;     // … and who gets copies
  std::string type;                        // the member of spec: "weighted", "mirroring", "highestRandomWeight", "failover"
};

}  // namespace gwdoctor
