#include "checks/check.h"

#include <algorithm>

#include "checks/support/names.h"

namespace gwdoctor {

namespace {

// The master of F5's mergeable Ingresses holds the host alone: its minions hold the paths (failures/traps, 15).
bool is_mergeable_master(const Ingress& ingress) {
  const std::string* type = label(ingress.meta.annotations, "nginx.org/mergeable-ingress-type");
  return type != nullptr && *type == "master";
}

bool leads_somewhere(const Ingress& ingress) {
  return ingress.default_backend || is_mergeable_master(ingress) ||
         std::any_of(ingress.rules.begin(), ingress.rules.end(), [](const IngressRule& rule) { return !rule.paths.empty(); });
}

Value path_to(const Service& service) {
  Value backend{Value::Object{}};
  backend.set_path("service.name", service.meta.ref.name);
  backend.set_path("service.port.number", service.ports.front().port);
  Value path{Value::Object{}};
  path.set("path", "/");
  path.set("pathType", "Prefix");
  path.set("backend", std::move(backend));
  Value http{Value::Object{}};
  http.set("paths", Value(Value::Array{std::move(path)}));
  return http;
}

// The Service of the Ingress's own name, with one port, is the one that it was written for.
std::optional<Fix> lead_to_namesake(const IngressView& view, const Facts& facts) {
  const Seen<Service> service = facts.service(view.ref.ns, view.ref.name);
  if (!service.present() || service->ports.size() != 1) return std::nullopt;
  const std::string summary = fmt::format("send the requests to {}", service->meta.ref.text());
  const Value http = path_to(*service);
  std::vector<FieldChange> changes;
  for (const IngressRule& rule : view.ingress->rules) changes.push_back({rule.field + ".http", http});
  if (changes.empty()) changes.push_back({"spec.defaultBackend", http.at_path("paths[0].backend")});
  return set_fields(view.ref, view.ingress.document(), changes, summary);
}

// networking.k8s.io/v1 IngressRule: what no path takes goes to the default backend. Without either, nothing is served.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    if (!view.ingress.present()) continue;
    if (leads_somewhere(*view.ingress)) {
      out.pass(view.scope);
      continue;
    }
    std::vector<std::string> hosts;
    for (const IngressRule& rule : view.ingress->rules) hosts.push_back(rule.host.empty() ? "any host" : rule.host);
    FindingBuilder finding = out.fail(view.scope);
    finding.object(view.ref, hosts.empty() ? "spec" : "spec.rules")
        .saw(view.ingress, view.ref, hosts.empty() ? "spec" : "spec.rules")
        .fix(by_hand("give it paths with a backend, or a default backend",
                     {fmt::format("kubectl edit {}", kubectl_object(view.ref)), "kubectl explain ingress.spec.rules.http.paths"}))
        .fix(lead_to_namesake(view, facts));
    if (hosts.empty()) {
      finding.says("{} has neither rules nor a default backend", view.ref.text());
    } else {
      finding.says("the rules of {} for {} have no paths, and there is no default backend", view.ref.text(), join_names(hosts));
    }
  }
}

}  // namespace

extern constinit const Check ingress_no_rules{
    .code = "ingress-no-rules",
    .title = "the Ingress leads nowhere",
    .severity = Severity::error,
    .layer = Layer::ingress,
    .reads = {Kind::ingress, Kind::service},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor
