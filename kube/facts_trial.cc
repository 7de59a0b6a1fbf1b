// A copy of the facts in which patches hold.

#include <utility>

#include "kube/endpoints.h"
#include "kube/facts_store.h"
#include "kube/observation.h"

namespace gwdoctor {

namespace {

FactEntry starting_entry() {
  FactEntry entry;
  entry.state = State::unknown;
  entry.why = {Why::Reason::pending, "its pods are still to be started", std::nullopt};
  return entry;
}

}  // namespace

FactEntry outdated_entry() {
  FactEntry entry;
  entry.state = State::unknown;
  entry.why = {Why::Reason::pending, "it was observed before the change", std::nullopt};
  return entry;
}

bool Facts::Store::stale(Kind kind) const {
  if (kind == Kind::gateway || kind == Kind::listener_set || kind == Kind::gateway_class) return overlay->gateways_stale;
  return (is_route(kind) || kind == Kind::ingress) && overlay->routes_stale;
}

// Whether the changes of a trial may have changed what would be observed now. DNS is published by others.
bool Facts::Store::outdates(const Wish& wish) const {
  switch (wish.what) {
    case Wish::What::tcp:
      return overlay->entrances_stale;
    case Wish::What::tls:
      return overlay->entrances_stale || overlay->certificates_stale;
    case Wish::What::http:
    case Wish::What::proxy:
      return !overlay->changes.empty();
    default:
      return false;
  }
}

FactItem Facts::Store::without_status(const FactItem& item, Kind kind) const {
  Value document = *item.document;
  document.erase("status");
  FactItem bare = make_item(kind, std::move(document));
  const auto mark = [&](auto copy) {
    copy.meta.settling = true;
    bare.object = std::make_shared<const decltype(copy)>(std::move(copy));
  };
  if (is_route(kind)) mark(*std::static_pointer_cast<const Route>(bare.object));
  if (kind == Kind::ingress) mark(*std::static_pointer_cast<const Ingress>(bare.object));
  if (kind == Kind::gateway) mark(*std::static_pointer_cast<const Gateway>(bare.object));
  if (kind == Kind::listener_set) mark(*std::static_pointer_cast<const ListenerSet>(bare.object));
  if (kind == Kind::gateway_class) mark(*std::static_pointer_cast<const GatewayClass>(bare.object));
  return bare;
}

void Facts::Store::adapt_object(const Wish& wish, FactEntry& entry) const {
  const FactOverlay::Change* change = overlay->find(wish.kind, wish.ns, wish.name);
  if (change == nullptr) return;
  entry.items.clear();
  entry.state = change->document ? State::present : State::absent;
  if (change->document) entry.items.push_back(make_item(wish.kind, *change->document));
}

void Facts::Store::adapt_list(const Wish& wish, FactEntry& entry) const {
  for (const FactOverlay::Change& change : overlay->changes) {
    if (change.kind != wish.kind || entry.state != State::present) continue;
    std::erase_if(entry.items,
                  [&](const FactItem& item) { return item.ns == change.object.ns && item.name == change.object.name; });
    if (change.document && selects(wish, *change.document)) entry.items.push_back(make_item(wish.kind, *change.document));
  }
}

FactEntry Facts::Store::derive_slices(const Wish& wish, const FactEntry& entry) const {
  const Requirement* owner = nullptr;
  const Selector selector = Selector::parse(wish.selector);
  for (const Requirement& requirement : selector.requirements) {
    if (requirement.key == "kubernetes.io/service-name" && requirement.values.size() == 1) owner = &requirement;
  }
  if (owner == nullptr) return entry;
  const FactEntry& service_entry = look(object_wish(Kind::service, wish.ns, owner->values.front()));
  if (service_entry.state != State::present) return service_entry.state == State::absent ? entry : service_entry;
  const auto service = std::static_pointer_cast<const Service>(service_entry.items.front().object);
  if (service->selector.empty()) return entry;
  // Only the Services whose pods change: the slices of the others stand as they are.
  const bool service_changed = overlay->find(Kind::service, wish.ns, owner->values.front()) != nullptr;
  const bool pods_changed = std::any_of(overlay->changes.begin(), overlay->changes.end(), [&](const auto& change) {
    return change.kind == Kind::pod && change.object.ns == wish.ns;
  });
  if (!service_changed && !pods_changed && !overlay->awaits(wish.ns, Selector::from_labels(service->selector))) return entry;
  const FactEntry& pods = look({Wish::What::list, Kind::pod, wish.ns, {}, Selector::from_labels(service->selector).text(), {}});
  if (pods.state != State::present) return pods;
  std::vector<const Pod*> selected;
  for (const FactItem& item : pods.items) selected.push_back(static_cast<const Pod*>(item.object.get()));
  FactEntry out;
  out.state = State::present;
  for (Value& document : endpoint_slices_of(*service, selected))
    out.items.push_back(make_item(Kind::endpoint_slice, std::move(document)));
  return out;
}

FactEntry Facts::Store::adapt(const Wish& wish, const FactEntry& entry) const {
  if (wish.what == Wish::What::served) return entry;
  if (wish.probe()) return outdates(wish) ? outdated_entry() : entry;
  if (wish.kind == Kind::endpoint_slice && overlay->endpoints_stale.contains(wish.ns)) return derive_slices(wish, entry);
  if (wish.kind == Kind::pod && overlay->awaits(wish.ns, Selector::parse(wish.selector))) return starting_entry();
  FactEntry out = entry;
  if (wish.what == Wish::What::object) {
    adapt_object(wish, out);
  } else {
    adapt_list(wish, out);
  }
  if (stale(wish.kind)) {
    for (FactItem& item : out.items) item = without_status(item, wish.kind);
  }
  return out;
}

namespace {

// Whose status a change of this kind makes stale: what controllers said of everything that refers to it.
void mark_stale(Kind kind, const std::string& ns, const Value& document, FactOverlay& overlay) {
  switch (kind) {
    case Kind::deployment:
    case Kind::stateful_set:
    case Kind::daemon_set:
    case Kind::replica_set:
      overlay.starting.push_back({ns, decode<Workload>(document, kind).template_labels});
      overlay.endpoints_stale.insert(ns);
      overlay.routes_stale = true;
      return;
    case Kind::secret:
    case Kind::gateway_class:
    case Kind::gateway:
    case Kind::listener_set:
    case Kind::reference_grant:
      overlay.gateways_stale = true;
      overlay.routes_stale = true;
      return;
    case Kind::service:
    case Kind::pod:
      overlay.endpoints_stale.insert(ns);
      overlay.routes_stale = true;
      return;
    default:
      overlay.routes_stale = true;
  }
}

// Which observations a change may have made old: a route or a backend changes neither who listens nor which certificate is
// served.
void mark_observed(Kind kind, const Value& document, const Value& merge, FactOverlay& overlay) {
  const std::string type = document["spec"]["type"].text();
  switch (kind) {
    case Kind::gateway_class:
    case Kind::gateway:
    case Kind::listener_set:
    case Kind::ingress_class:
    case Kind::deployment:
    case Kind::daemon_set:
      overlay.entrances_stale = true;
      return;
    case Kind::service:
      overlay.entrances_stale = overlay.entrances_stale || type == "LoadBalancer" || type == "NodePort";
      return;
    case Kind::ingress: {
      const bool whole = merge.find("apiVersion") != nullptr || merge["spec"].find("ingressClassName") != nullptr;
      overlay.entrances_stale = overlay.entrances_stale || whole || merge["metadata"].find("annotations") != nullptr;
      overlay.certificates_stale = overlay.certificates_stale || merge["spec"].find("tls") != nullptr;
      return;
    }
    case Kind::secret:
    case Kind::reference_grant:
    case Kind::tls_route:
      overlay.certificates_stale = true;
      return;
    default:
      return;
  }
}

}  // namespace

Facts Facts::patched(const std::vector<Patch>& patches) const {
  Facts trial(store_->now);
  trial.store_->entries = store_->entries;
  trial.store_->settings = store_->settings;
  trial.store_->overlay.emplace();
  FactOverlay& overlay = *trial.store_->overlay;
  for (const Patch& patch : patches) {
    const std::optional<Kind> kind = kind_of(patch.object);
    if (!kind) continue;
    const auto before = document(patch.object);
    Value document = before ? *before : Value(Value::Object{});
    Value::merge(document, patch.merge);
    const bool gone = patch.merge.is_null();
    mark_stale(*kind, patch.object.ns, document, overlay);
    mark_observed(*kind, document, patch.merge, overlay);
    if (const FactOverlay::Change* earlier = overlay.find(*kind, patch.object.ns, patch.object.name);
        earlier != nullptr && earlier->document) {
      Value both = *earlier->document;
      Value::merge(both, patch.merge);
      document = std::move(both);
      std::erase_if(overlay.changes, [&](const auto& change) { return &change == earlier; });
    }
    Ref plain = patch.object;
    plain.section.clear();
    overlay.changes.push_back({plain, *kind, gone ? std::nullopt : std::optional<Value>(std::move(document))});
  }
  return trial;
}

}  // namespace gwdoctor
