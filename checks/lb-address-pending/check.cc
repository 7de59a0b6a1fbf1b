#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/front_line.h"
#include "checks/support/gateway_state.h"
#include "kube/clean.h"

namespace gwdoctor {

namespace {

struct Spot {
  const FrontService& service;
  const Path& path;
  const Facts& facts;
};

// What the events about a Service say of its load balancer, newest last.
struct Told {
  const Event* event = nullptr;
  std::string_view reason = "lb-service-pending-no-provider";
};

// The failures that the cloud controllers, MetalLB and Cilium report: cloud-provider's service controller,
// aws-load-balancer-controller pkg/k8s/events.go, metallb controller/service.go.
std::string_view reason_of(const Event& event) {
  const std::string text = event.reason + " " + event.message;
  const auto has = [&](std::string_view word) { return text.find(word) != std::string::npos; };
  if (has("AllocationFailed") || has("no available IPs") || has("out_of_ips") || has("no_pool")) {
    return has("in use") || has("not allowed") || has("can't change sharing") ? "lb-static-ip-unavailable"
                                                                              : "lb-address-pool-exhausted";
  }
  return "lb-sync-failed";
}

Told told(const List<Event>& events) {
  Told out;
  for (const Known<Event>& event : events) {
    if (event->type == "Warning") out = {event.object.get(), reason_of(*event)};
    // What went well since makes the warning history (failures/traps, 44).
    if (event->type == "Normal" && event->reason == "EnsuredLoadBalancer") out = {};
  }
  return out;
}

Fix remedy(const FrontService& front, const std::string& load_balancer_class) {
  const std::string object = kubectl_object(front.service->meta.ref);
  if (!load_balancer_class.empty()) {
    return by_hand("run the controller of that class, or make the Service anew with another: the field cannot be changed",
                   {fmt::format("kubectl describe {}", object)});
  }
  return by_hand(
      "find out from its events why it gets no load balancer; where nobody makes any (bare metal), install one that does "
      "(MetalLB, kube-vip, Cilium LB IPAM), or let clients in by node ports or the host's",
      {fmt::format("kubectl describe {}", object)});
}

// Gateway API: a Gateway that has no address is not programmed. An Ingress is served all the same by whoever knows the nodes.
void report(const Spot& at, Verdicts& out) {
  const FrontService& front = at.service;
  const Ref& object = front.service->meta.ref;
  const std::string load_balancer_class = front.service.document->at_path("spec.loadBalancerClass").text();
  const Seen<List<Event>> events = at.facts.events(object);
  if (events.unknown()) out.unknown(front.scope, events);
  const Told event = events.present() ? told(*events) : Told{};
  const std::string asks = load_balancer_class.empty() ? std::string() : fmt::format(", of class {},", load_balancer_class);
  std::string why = ", and nobody reports why";
  if (event.event != nullptr)
    why = fmt::format(": {} ({})", event.event->reason, clean_line(event.event->message, 240));
  else if (!load_balancer_class.empty())
    why = ": nobody seems to serve that class";
  FindingBuilder finding = out.fail(front.scope);
  finding.object(object, "status.loadBalancer")
      .reason(event.event == nullptr && !load_balancer_class.empty() ? "lb-class-unhandled" : event.reason)
      .certainty(Certainty::observed)
      .says("{} of type LoadBalancer{} in front of {} has no address{}", object.text(), asks,
            controller_name(at.path, front.controller), why)
      .saw(object, "status", front.service.document->at_path("status"))
      .fix(remedy(front, load_balancer_class));
  if (event.event != nullptr) finding.saw(event.event->meta.ref, "message", Value(clean_line(event.event->message)));
  if (front.gateway == no_index && event.event == nullptr) finding.severity(Severity::warning);
}

bool is_published(const FrontService& front, const Front& all, const Path& path) {
  return std::any_of(all.hosts.begin(), all.hosts.end(), [&](const FrontHost& host) {
    const std::vector<const FrontService*> services = all.services_of(host, path);
    return !host.addresses.empty() && std::find(services.begin(), services.end(), &front) != services.end();
  });
}

bool has_address(const Service& service) { return !service.addresses.empty() || !service.external_ips.empty(); }

// Another Service of the same way in has an address, or the pods listen on their nodes (failures/traps, 8 to 10).
bool enters_otherwise(const FrontService& front, const Front& all) {
  return std::any_of(all.services.begin(), all.services.end(), [&](const FrontService& other) {
    if (other.gateway != front.gateway || other.controller != front.controller) return false;
    return has_address(*other.service) || listens_on_nodes(other.workload);
  });
}

void judge(const Spot& at, const Front& all, Verdicts& out) {
  const FrontService& front = at.service;
  if (!front.is_load_balancer()) return;
  if (has_address(*front.service)) return out.pass(front.scope);
  if (is_published(front, all, at.path) || enters_otherwise(front, all)) return;
  const Controller* known = front.controller == no_index ? nullptr : at.path.controllers[front.controller].known;
  if (is_young(front.service->meta, known, at.facts)) {
    const Ref& object = front.service->meta.ref;
    return out.unknown(front.scope, Wish{Wish::What::object, Kind::service, object.ns, object.name, {}, {}},
                       Why{Why::Reason::pending, "waiting for its load balancer", std::nullopt});
  }
  report(at, out);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontService& service : front->services) judge({service, path, facts}, *front, out);
  // Who has an address, as published, waits for none.
  for (const FrontHost& host : front->hosts) {
    const Front::Unread* unread = front->unread_of(host, path);
    if (unread != nullptr && host.addresses.empty()) out.unknown(host.scope, unread->wish, unread->why);
  }
}

}  // namespace

extern constinit const Check lb_address_pending{
    .code = "lb-address-pending",
    .title = "the Service of type LoadBalancer in front has no address",
    .severity = Severity::error,
    .layer = Layer::loadbalancer,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set, Kind::event},
    .explains = {"gateway-address-missing", "ingress-address-missing"},
    .run = run,
};

}  // namespace gwdoctor
