#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

bool recent(const std::optional<Time>& time, const Facts& facts, Seconds grace) {
  return time && *time <= facts.now() && facts.now() - *time < grace;
}

// A load balancer takes minutes to be made.
bool still_coming(const Gateway& gateway, const Condition* programmed, const Controller* known, const Facts& facts) {
  if (settling(gateway.meta, facts)) return true;
  const Seconds grace = known == nullptr ? Seconds{300} : Seconds{known->address_grace};
  return recent(gateway.meta.created, facts, grace) || recent(gateway.meta.changed, facts, grace) ||
         (programmed != nullptr && recent(programmed->since, facts, grace));
}

// The Services made for this Gateway (GEP-1762).
Seen<List<Service>> services_of(const GatewayView& view, const Facts& facts) {
  return facts.list<Service>(Kind::service, view.ref.ns,
                             Selector::from_labels({{"gateway.networking.k8s.io/gateway-name", view.ref.name}}));
}

Fix remedy(const GatewayView& view, bool unusable) {
  if (unusable) {
    const std::optional<Fix> fix =
        remove_field(view.ref, view.gateway.document(), "spec.addresses", "let the controller choose the address");
    if (fix) return *fix;
  }
  const std::string name = shell_quote(view.ref.name);
  return by_hand("mend the load balancer in front of the Gateway: its Service's events say what it waits for",
                 {fmt::format("kubectl get services -A -l gateway.networking.k8s.io/gateway-name={}", name),
                  fmt::format("kubectl describe services -A -l gateway.networking.k8s.io/gateway-name={}", name)});
}

FindingBuilder report(const GatewayView& view, const std::string& message, bool unusable, Verdicts& out) {
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.ref, unusable ? "spec.addresses" : "")
      .reason(unusable ? "gateway-address-not-usable" : "gateway-address-not-assigned")
      .certainty(Certainty::observed)
      .says("{}", message)
      .saw(view.gateway, view.ref, "status.addresses")
      .saw(view.gateway, view.ref, condition_path(view.gateway.document(), "status.conditions", "Programmed"))
      .fix(remedy(view, unusable));
  return finding;
}

void said_so(const GatewayView& view, const Condition& programmed, const Facts& facts, Verdicts& out) {
  const bool unusable = programmed.reason == "AddressNotUsable";
  const std::string message = fmt::format("{} has no address: {}", view.ref.text(), said(programmed));
  if (unusable) {
    report(view, fmt::format("the address asked for by {} cannot be used: {}", view.ref.text(), said(programmed)), true, out);
    return;
  }
  // A Service of another type never gets an address: its Gateway serves by node ports and stays unprogrammed in status
  // alone (failures/traps, 10).
  const Seen<List<Service>> services = services_of(view, facts);
  if (services.unknown()) return out.unknown(view.scope, services);
  const bool by_node =
      services.present() && !services->empty() &&
      std::none_of(services->begin(), services->end(), [](const Known<Service>& one) { return one->type == "LoadBalancer"; });
  FindingBuilder finding = report(view, message, false, out);
  if (services.present()) {
    for (const Known<Service>& one : *services) finding.affects(one->meta.ref);
  }
  if (!by_node) return;
  const Service& service = *services->front();
  finding.severity(Severity::warning).certainty(Certainty::likely).reason("gateway-nodeport-service-never-programmed");
  finding.says("{} has no address, and never will: {} is of type {}, reached without a load balancer", view.ref.text(),
               service.meta.ref.text(), service.type);
}

// Gateway API v1.6, GatewayStatus.addresses and the reasons AddressNotAssigned and AddressNotUsable of Programmed.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    if (view.gateway.unknown()) out.unknown(view.scope, view.gateway);
    if (!view.gateway.present()) continue;
    const Gateway& gateway = *view.gateway;
    const Controller* known = view.controller == no_index ? nullptr : path.controllers[view.controller].known;
    const Condition* programmed = condition(gateway.conditions, "Programmed");
    const Word said_programmed = word(programmed, gateway.meta.generation);
    const bool missing =
        said_programmed == Word::no && (programmed->reason == "AddressNotAssigned" || programmed->reason == "AddressNotUsable");
    // Only who always writes an address can be held to it: others serve by node ports or the host's (failures/traps, 7 to 10).
    const bool expected = said_programmed == Word::yes && gateway.addresses.empty() && known != nullptr &&
                          known->gateway_address == StatusAddress::always;
    if (!missing && !expected) {
      if (said_programmed == Word::yes) out.pass(view.scope);
      continue;
    }
    if (still_coming(gateway, programmed, known, facts)) {
      const Why why{Why::Reason::pending,
                    fmt::format("waiting for {} to give it an address", controller_name(path, view.controller)), std::nullopt};
      out.unknown(view.scope, view.gateway.wish(), why);
      continue;
    }
    if (missing) {
      said_so(view, *programmed, facts, out);
    } else {
      report(view, fmt::format("{} has no address, and {} always writes one", view.ref.text(), known->name), false, out)
          .certainty(Certainty::likely);
    }
  }
}

}  // namespace

extern constinit const Check gateway_address_missing{
    .code = "gateway-address-missing",
    .title = "the Gateway has no address that clients could use",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::gateway, Kind::service},
    .explains = {"dns-name-not-found", "dns-points-elsewhere"},
    .run = run,
};

}  // namespace gwdoctor
