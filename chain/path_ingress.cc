#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chain/builder.h"
#include "chain/dialects/annotations.h"
#include "chain/dialects/nginx.h"
#include "chain/hostname.h"
#include "chain/ingress_class.h"
#include "chain/limits.h"
#include "chain/words.h"

namespace gwdoctor {

namespace {

std::vector<std::string> hosts_of(const Ingress& ingress) {
  std::vector<std::string> hosts;
  std::set<std::string_view> seen;
  for (const IngressRule& rule : ingress.rules) {
    if (seen.insert(rule.host).second) hosts.push_back(rule.host);
  }
  if (ingress.default_backend && hosts.empty()) hosts.emplace_back();
  return hosts;
}

// The hosts that an entry of spec.tls is for: those it lists, or every host of the rules where it lists no_index.
// tls.hosts lists the names of the certificate (networking.k8s.io/v1 IngressTLS): a wildcard stands for the rules' hosts
// under it as well.
std::vector<std::string> tls_hosts(const IngressTls& tls, const std::vector<std::string>& all) {
  if (tls.hosts.empty()) return all;
  std::vector<std::string> hosts = tls.hosts;
  for (const std::string& host : all) {
    const bool listed = std::any_of(tls.hosts.begin(), tls.hosts.end(), [&](const std::string& name) { return name == host; });
    const bool meant = std::any_of(tls.hosts.begin(), tls.hosts.end(),
                                   [&](const std::string& name) { return is_wildcard(name) && ingress_host_covers(name, host); });
    if (meant && !listed) hosts.push_back(host);
  }
  return hosts;
}

bool redirects_to_https(const Ingress& ingress, const Controller* controller) {
  if (controller == nullptr || !controller->redirects_to_https.value_or(false)) return false;
  const std::string* off = label(ingress.meta.annotations, "nginx.ingress.kubernetes.io/ssl-redirect");
  return off == nullptr || *off != "false";
}

// Whether a controller ever wrote an address. In a trial of a fix, which leaves status out, as it was before.
bool ever_written(const Ingress& ingress, const Facts& facts) {
  if (!ingress.addresses.empty() || !facts.is_trial()) return !ingress.addresses.empty();
  const std::shared_ptr<const Value> before = facts.document(ingress.meta.ref);
  return before != nullptr && !decode<Ingress>(*before, Kind::ingress).addresses.empty();
}

// A canary that gets no request: weight 0 and no header or cookie that leads to it (traps, 14).
bool is_idle_canary(const Ingress& ingress) {
  const auto value = [&](std::string_view key) { return annotation_text(ingress, nginx_prefix, key); };
  const std::string weight = value("canary-weight");
  return is_canary(ingress) && (weight.empty() || weight == "0") && value("canary-by-header").empty() &&
         value("canary-by-cookie").empty();
}

}  // namespace

std::size_t PathBuilder::add_ingress(std::string_view ns, std::string_view name) {
  const std::size_t at = path_.ingresses.size();
  IngressView view;
  view.ref = ref(Kind::ingress, ns, name);
  view.ingress = facts_.get<Ingress>(Kind::ingress, ns, name);
  path_.ingresses.push_back(std::move(view));
  const Seen<Ingress> ingress = path_.ingresses[at].ingress;
  if (!ingress.present()) return at;
  path_.ingresses[at].ref = ingress->meta.ref;
  find_class(path_.ingresses[at], *ingress);
  add_ingress_controller(at);
  add_ingress_certificates(at, *ingress);
  add_ingress_entrances(at, *ingress);
  for (std::size_t rule = 0; rule < ingress->rules.size(); ++rule) {
    for (const IngressPath& path : ingress->rules[rule].paths) {
      add_ingress_leg(at, path.backend, rule, requests_of(ingress->rules[rule], path));
    }
  }
  if (ingress->default_backend) add_ingress_leg(at, *ingress->default_backend, no_index, "requests that no rule takes");
  return at;
}

void PathBuilder::find_class(IngressView& view, const Ingress& ingress) {
  const ClassOf found = class_of(ingress, facts_);
  view.class_by = found.by;
  view.class_name = found.name;
  view.classes = found.classes;
  if (!view.class_name.empty()) view.ingress_class = facts_.get<IngressClass>(Kind::ingress_class, "", view.class_name);
}

void PathBuilder::add_ingress_controller(std::size_t at) {
  IngressView& view = path_.ingresses[at];
  std::string name;
  const Controller* known = nullptr;
  if (view.ingress_class.present()) {
    name = view.ingress_class->controller;
    known = find_by_ingress_controller(name);
  } else if (view.class_by == ClassBy::annotation) {
    known = find_by_annotation_class(view.class_name);
    if (known == nullptr) return;
    name = known->name;
  } else {
    return;
  }
  view.controller = add_controller(name, known);
  if (const Controller* row = path_.controllers[view.controller].known)
    add_data_plane(view.controller, row->ingress_plane, Ref{});
  ControllerView& controller = path_.controllers[view.controller];
  controller.wrote_status = controller.wrote_status || ever_written(*view.ingress, facts_);
}

void PathBuilder::add_ingress_certificates(std::size_t at, const Ingress& ingress) {
  const ControllerView* controller =
      path_.ingresses[at].controller == no_index ? nullptr : &path_.controllers[path_.ingresses[at].controller];
  // ALB takes its certificates from ACM and does not read secretName (traps, 19).
  if (controller != nullptr && controller->known != nullptr && controller->known->id.starts_with("aws")) return;
  const std::vector<std::string> hosts = hosts_of(ingress);
  for (const IngressTls& tls : ingress.tls) {
    if (tls.secret.empty()) continue;  // the controller's default certificate is meant (traps, 19)
    CertificateView certificate;
    certificate.owner = path_.ingresses[at].ref;
    certificate.path = tls.field + ".secretName";
    certificate.reference.kind = "Secret";
    certificate.reference.ns = ingress.meta.ref.ns;
    certificate.reference.name = tls.secret;
    certificate.reference.path = certificate.path;
    certificate.secret = facts_.secret(ingress.meta.ref.ns, tls.secret);
    certificate.ingress = at;
    certificate.hosts = tls_hosts(tls, hosts);
    path_.certificates.push_back(std::move(certificate));
  }
}

void PathBuilder::add_ingress_entrances(std::size_t at, const Ingress& ingress) {
  const Controller* known =
      path_.ingresses[at].controller == no_index ? nullptr : path_.controllers[path_.ingresses[at].controller].known;
  const std::vector<std::string> hosts = hosts_of(ingress);
  std::set<std::string> secured;
  for (const IngressTls& tls : ingress.tls) {
    for (const std::string& host : tls_hosts(tls, hosts)) secured.insert(host);
  }
  for (const std::string& host : hosts) {
    if (path_.entrances.size() >= max_streams) return;
    Entrance entrance;
    entrance.host = host;
    entrance.ingress = at;
    if (secured.contains(host)) {
      entrance.scheme = "https";
      entrance.port = 443;
      entrance.tls = true;
      path_.entrances.push_back(entrance);
      if (redirects_to_https(ingress, known)) continue;
    }
    entrance.scheme = "http";
    entrance.port = 80;
    entrance.tls = false;
    path_.entrances.push_back(entrance);
  }
}

void PathBuilder::add_ingress_leg(std::size_t at, const IngressBackend& backend, std::size_t rule, const std::string& requests) {
  if (path_.legs.size() >= max_streams) return;
  Leg leg;
  leg.ingress = at;
  leg.rule = rule;
  leg.object = path_.ingresses[at].ref;
  leg.path = backend.path;
  leg.requests = requests;
  ObjectRef reference;
  reference.ns = leg.object.ns;
  if (backend.service.empty()) {
    reference.group = backend.resource_group;
    reference.kind = backend.resource_kind;
    reference.name = backend.resource_name;
  } else {
    reference.kind = "Service";
    reference.name = backend.service;
  }
  // A backend by which ALB names an action of its annotations, not a Service (traps, 12).
  const bool action = backend.port_name == "use-annotation";
  leg.port = backend.port;
  leg.port_name = backend.port_name;
  leg.backend_ref = 0;
  const bool idle = is_idle_canary(*path_.ingresses[at].ingress);
  if (!action && !idle && !reference.name.empty()) leg.backend = add_backend(reference);
  path_.legs.push_back(std::move(leg));
}

}  // namespace gwdoctor
