#pragma once
// Ingress and IngressClass (networking.k8s.io/v1).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

struct IngressClass {
  Meta meta;
  std::string controller;   // spec.controller: k8s.io/ingress-nginx
  bool is_default = false;  // annotation ingressclass.kubernetes.io/is-default-class: "true"
  bool has_parameters = false;
};

struct IngressBackend {
  std::string service;               // "" where the backend is a resource
  std::optional<std::int64_t> port;  // by number …
  std::string port_name;             // … or by name
  std::string resource_group;        // backend.resource
  std::string resource_kind;
  std::string resource_name;
  std::string path;  // spec.rules[0].http.paths[0].backend
};

struct IngressPath {
  enum class Type { exact, prefix, implementation_specific };
  std::string path;  // "" where absent
  Type type = Type::implementation_specific;
  IngressBackend backend;
  std::string field;  // spec.rules[0].http.paths[0]
};

struct IngressRule {
  std::string host;  // lower case; "" is any
  std::vector<IngressPath> paths;
  std::string field;  // spec.rules[0]
};

struct IngressTls {
  std::vector<std::string> hosts;
  std::string secret;  // "" where the controller's default certificate is meant
  std::string field;   // spec.tls[0]
};

struct IngressAddress {
  std::string ip;
  std::string hostname;
};

struct Ingress {
  Meta meta;
  std::optional<std::string> class_name;  // spec.ingressClassName
  std::string class_annotation;           // kubernetes.io/ingress.class
  std::optional<IngressBackend> default_backend;
  std::vector<IngressRule> rules;
  std::vector<IngressTls> tls;
  std::vector<IngressAddress> addresses;  // status.loadBalancer.ingress
};

}  // namespace gwdoctor
