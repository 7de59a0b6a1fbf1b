#include "checks/check.h"

#include <algorithm>

#include "chain/hostname.h"
#include "chain/nearest.h"
#include "checks/support/names.h"
#include "checks/support/parents.h"

namespace gwdoctor {

namespace {

std::vector<std::string> labels_of(std::string_view host) {
  std::vector<std::string> labels;
  while (true) {
    const std::size_t dot = host.find('.');
    labels.emplace_back(host.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    host.remove_prefix(dot + 1);
  }
}

bool has_digit(std::string_view label) { return label.find_first_of("0123456789") != std::string_view::npos; }

// One label of the hostname is a slip of the listener's. Short labels and those with numbers (v1, shop-2) tell hosts apart.
bool is_slip(const std::string& label, const std::string& meant) {
  if (has_digit(label) || has_digit(meant)) return false;
  const std::size_t size = std::min(label.size(), meant.size());
  const std::size_t allowed = size >= 8 ? 2 : size >= 4 ? 1 : 0;
  return edit_distance(label, meant, allowed) <= allowed;
}

// The hostname as the listener would serve it, where they differ by a slip in one label.
std::optional<std::string> corrected(const std::string& host, const std::string& listener) {
  const std::vector<std::string> wanted = labels_of(is_wildcard(listener) ? listener.substr(2) : listener);
  std::vector<std::string> found = labels_of(host);
  if (is_wildcard(listener) ? found.size() <= wanted.size() : found.size() != wanted.size()) return std::nullopt;
  const std::size_t first = found.size() - wanted.size();
  std::size_t slips = 0;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    std::string& label = found[first + at];
    if (label == wanted[at]) continue;
    if (++slips > 1 || !is_slip(label, wanted[at])) return std::nullopt;
    label = wanted[at];
  }
  return fmt::format("{}", fmt::join(found, "."));
}

std::string or_any(const std::string& hostname) { return hostname.empty() ? "any host" : hostname; }

std::vector<std::string> hostnames_of(const std::vector<std::size_t>& listeners, const GatewayView& gateway) {
  std::vector<std::string> out;
  for (const std::size_t index : listeners) {
    const std::string& hostname = gateway.listeners[index].spec.hostname;
    if (std::find(out.begin(), out.end(), hostname) == out.end()) out.push_back(hostname);
  }
  return out;
}

// The apex: "*.example.com" does not take in example.com.
bool is_apex_of(const std::string& host, const std::string& listener) {
  return is_wildcard(listener) && listener.substr(2) == host;
}

std::string apex_note(const std::vector<std::string>& hosts, const std::vector<std::string>& served) {
  for (const std::string& host : hosts) {
    for (const std::string& listener : served) {
      if (is_apex_of(host, listener)) return fmt::format("; the wildcard {} does not take in {} itself", listener, host);
    }
  }
  return {};
}

Fix by_hand_for(const std::vector<std::string>& hosts, const Ref& gateway) {
  return by_hand(fmt::format("give the route a hostname that a listener serves, or add a listener for {}", join_names(hosts)),
                 {fmt::format("kubectl get {} -o jsonpath='{{.spec.listeners[*].hostname}}'", kubectl_object(gateway))});
}

Fix remedy(const RouteView& view, const std::vector<std::string>& served, const Ref& gateway) {
  const std::vector<std::string>& hosts = view.route->hostnames;
  std::vector<FieldChange> changes;
  std::vector<std::string> meant;
  for (std::size_t at = 0; at < hosts.size(); ++at) {
    for (const std::string& listener : served) {
      const std::optional<std::string> better = corrected(hosts[at], listener);
      if (!better) continue;
      changes.push_back({fmt::format("spec.hostnames[{}]", at), *better});
      meant.push_back(*better);
      break;
    }
  }
  if (!changes.empty()) {
    if (std::optional<Fix> fix =
            set_fields(view.ref, view.route.document(), changes, fmt::format("use the hostname {}", join_names(meant)))) {
      return *std::move(fix);
    }
  }
  return by_hand_for(hosts, gateway);
}

void disjoint(const RouteView& view, const ParentView& parent, const GatewayView& gateway,
              const std::vector<std::size_t>& listeners, Verdicts& out) {
  const std::vector<std::string> served = hostnames_of(listeners, gateway);
  const std::vector<std::string>& hosts = view.route->hostnames;
  const ListenerView& first = gateway.listeners[listeners.front()];
  std::vector<std::string> texts;
  for (const std::string& hostname : served) texts.push_back(or_any(hostname));
  const std::string who =
      listeners.size() == 1 ? text_of(first) + " serves" : fmt::format("the listeners of {} serve", text_of(parent.reference));
  out.fail(parent.scope)
      .object(view.ref, hosts.size() == 1 ? "spec.hostnames[0]" : "spec.hostnames")
      .reason("route-no-matching-listener-hostname")
      .says("{} {}, and {} is for {}{}", who, join_names(texts), view.ref.text(), join_names(hosts), apex_note(hosts, served))
      .saw(view.route, view.ref, "spec.hostnames")
      .saw(first.owner, first.spec.path + ".hostname", first.document->at_path(first.spec.path + ".hostname"))
      .affects(first.owner)
      .fix(remedy(view, served, gateway.ref));
}

// The listeners that take the route, by their hostnames. Where its Namespace could not be read, those that take it by the
// word of their controller.
struct Taken {
  const GatewayView* gateway = nullptr;
  std::vector<std::string> hostnames;
  bool sure = true;  // nothing else may take it
};
Taken taken_by(const RouteView& view, const Path& path) {
  Taken out;
  for (const ParentView& parent : view.parents) {
    out.sure = out.sure && parent.gateway != no_index && !path.gateways[parent.gateway].gateway.unknown();
    const bool vouched = word_of(view, parent, path, "Accepted").word == Word::yes;
    for (const AttachmentView& attachment : parent.attachments) {
      const bool unknown = attachment.state == Attachment::unknown;
      out.sure = out.sure && (!unknown || vouched);
      if (attachment.state != Attachment::attached && !(unknown && vouched)) continue;
      out.gateway = &path.gateways[parent.gateway];
      const std::string& hostname = out.gateway->listeners[attachment.listener].spec.hostname;
      if (std::find(out.hostnames.begin(), out.hostnames.end(), hostname) == out.hostnames.end())
        out.hostnames.push_back(hostname);
    }
  }
  return out;
}

// The path works them out where it is sure; here is what the word of the controller adds.
std::vector<std::string> lost_of(const RouteView& view, const Taken& taken) {
  if (!view.lost_hostnames.empty() || !taken.sure) return view.lost_hostnames;
  std::vector<std::string> out;
  for (const std::string& host : view.route->hostnames) {
    const bool served = std::any_of(taken.hostnames.begin(), taken.hostnames.end(),
                                    [&](const std::string& hostname) { return !intersect(hostname, {host}).effective.empty(); });
    if (!served) out.push_back(host);
  }
  return out.size() == view.route->hostnames.size() ? std::vector<std::string>{} : out;
}

// The hostnames of an attached route that no listener serves (rulings, 15).
void lost(const RouteView& view, std::size_t route, const Path& path, Verdicts& out) {
  const Taken taken = taken_by(view, path);
  if (taken.gateway == nullptr) return;
  const std::vector<std::string> hosts = lost_of(view, taken);
  if (hosts.empty()) return;
  const auto& all = view.route->hostnames;
  const auto at = static_cast<std::size_t>(std::find(all.begin(), all.end(), hosts.front()) - all.begin());
  const Scope scope = path.through([&](const Entrance& entrance, const Leg&) {
    return entrance.route == route && std::find(hosts.begin(), hosts.end(), entrance.host) != hosts.end();
  });
  out.fail(scope)
      .object(view.ref, hosts.size() == 1 ? fmt::format("spec.hostnames[{}]", at) : "spec.hostnames")
      .reason("route-no-matching-listener-hostname")
      .severity(Severity::warning)
      .impact(Impact::all)
      .says("no listener of the parents of {} serves {}; they serve {}{}", view.ref.text(), join_names(hosts),
            join_names(taken.hostnames), apex_note(hosts, taken.hostnames))
      .saw(view.route, view.ref, "spec.hostnames")
      .affects(taken.gateway->ref)
      .fix(by_hand_for(hosts, taken.gateway->ref));
}

// Gateway API v1.6, HTTPRouteSpec.hostnames: a route attaches to a listener where their hostnames intersect; those of its
// hostnames that do not are left out, and the others served (failures/traps, 32).
void run(const Facts&, const Path& path, Verdicts& out) {
  for (std::size_t at = 0; at < path.routes.size(); ++at) {
    const RouteView& view = path.routes[at];
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway == no_index) continue;
      const GatewayView& gateway = path.gateways[parent.gateway];
      if (gateway.gateway.unknown()) out.unknown(parent.scope, gateway.gateway);
      if (!gateway.gateway.present()) continue;
      const Refusal refusal = refusal_of(view, parent, gateway);
      if (!refusal.by_hostname.empty()) {
        disjoint(view, parent, gateway, refusal.by_hostname, out);
      } else if (parent.attached) {
        out.pass(parent.scope);
      }
    }
    lost(view, at, path, out);
  }
}

}  // namespace

extern constinit const Check route_hostname_mismatch{
    .code = "route-hostname-mismatch",
    .title = "the hostnames of the route and of the listener have nothing in common",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::gateway},
    .explains = {"route-not-accepted", "route-not-attached", "route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor
