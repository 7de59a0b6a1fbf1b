#include "kube/facts.h"

#include <algorithm>
#include <array>

#include "kube/endpoints.h"

namespace gwdoctor {

namespace {

const Value null_document;

using Decoded = std::shared_ptr<const void>;

template <class T>
Decoded decode_as(const Value& document, Kind kind) {
  return std::make_shared<const T>(decode<T>(document, kind));
}

Decoded decode_any(const Value& document, Kind kind) {
  switch (kind) {
    case Kind::gateway_class:
      return decode_as<GatewayClass>(document, kind);
    case Kind::gateway:
      return decode_as<Gateway>(document, kind);
    case Kind::listener_set:
      return decode_as<ListenerSet>(document, kind);
    case Kind::http_route:
    case Kind::grpc_route:
    case Kind::tls_route:
    case Kind::tcp_route:
    case Kind::udp_route:
      return decode_as<Route>(document, kind);
    case Kind::reference_grant:
      return decode_as<ReferenceGrant>(document, kind);
    case Kind::ingress_class:
      return decode_as<IngressClass>(document, kind);
    case Kind::ingress:
      return decode_as<Ingress>(document, kind);
    case Kind::service:
      return decode_as<Service>(document, kind);
    case Kind::endpoint_slice:
      return decode_as<EndpointSlice>(document, kind);
    case Kind::pod:
      return decode_as<Pod>(document, kind);
    case Kind::deployment:
    case Kind::stateful_set:
    case Kind::daemon_set:
    case Kind::replica_set:
      return decode_as<Workload>(document, kind);
    case Kind::pod_disruption_budget:
      return decode_as<PodDisruptionBudget>(document, kind);
    case Kind::secret:
      return decode_as<Secret>(document, kind);
    case Kind::name_space:
      return decode_as<Namespace>(document, kind);
    case Kind::event:
      return decode_as<Event>(document, kind);
    case Kind::custom_resource_definition:
      return decode_as<CustomResourceDefinition>(document, kind);
  }
  return {};
}

// An object in the store: its document, and the struct decoded from it.
struct Item {
  std::string ns;
  std::string name;
  std::shared_ptr<const Value> document;
  Decoded object;
};

Item make_item(Kind kind, Value document) {
  Item item;
  item.ns = info(kind).namespaced ? document["metadata"]["namespace"].text() : std::string();
  item.name = document["metadata"]["name"].text();
  item.object = decode_any(document, kind);
  item.document = std::make_shared<const Value>(std::move(document));
  return item;
}

Labels labels_of(const Value& document) {
  Labels labels;
  for (const auto& [key, value] : document["metadata"]["labels"].members()) labels.emplace_back(key, value.text());
  return labels;
}

bool fields_match(const Value& document, std::string_view fields) {
  while (!fields.empty()) {
    const std::size_t comma = std::min(fields.find(','), fields.size());
    const std::string_view term = fields.substr(0, comma);
    const std::size_t equals = std::min(term.find('='), term.size());
    if (equals == term.size() || document.at_path(term.substr(0, equals)).text() != term.substr(equals + 1)) return false;
    fields.remove_prefix(std::min(comma + 1, fields.size()));
  }
  return true;
}

struct Entry {
  State state = State::wanted;
  Why why;
  std::string version;
  std::vector<Item> items;
};

Wish object_wish(Kind kind, std::string_view ns, std::string_view name) {
  return {Wish::What::object, kind, info(kind).namespaced ? std::string(ns) : std::string(), std::string(name), {}, {}};
}

}  // namespace

bool selects(const Wish& wish, const Value& document) {
  const std::string ns = document["metadata"]["namespace"].text();
  if (info(wish.kind).namespaced && !wish.ns.empty() && ns != wish.ns) return false;
  if (!wish.selector.empty() && !Selector::parse(wish.selector).matches(labels_of(document))) return false;
  return fields_match(document, wish.fields);
}

// What a trial changes: the documents that its patches name, and which status is stale because of them.
struct Overlay {
  struct Change {
    Ref object;
    Kind kind = Kind::pod;
    std::optional<Value> document;  // nothing: deleted
  };
  std::vector<Change> changes;
  bool gateways_stale = false;
  bool routes_stale = false;
  std::set<std::string> endpoints_stale;  // namespaces in which EndpointSlices are worked out anew
  struct Starting {
    std::string ns;
    Labels template_labels;
  };
  std::vector<Starting> starting;  // workloads whose pods are still to be made

  // Whether the pods that a selector takes in, of that namespace, are among those to be made.
  [[nodiscard]] bool awaits(std::string_view ns, const Selector& selector) const {
    return std::any_of(starting.begin(), starting.end(), [&](const Starting& one) {
      return one.ns == ns && (selector.empty() || selector.matches(one.template_labels));
    });
  }

  [[nodiscard]] const Change* find(Kind kind, std::string_view ns, std::string_view name) const {
    for (const Change& change : changes) {
      if (change.kind == kind && change.object.ns == ns && change.object.name == name) return &change;
    }
    return nullptr;
  }
};

struct Facts::Store {
  Time now;
  Settings settings;
  // Shared with the trials, which only ever read it through their own overlay; what they fetch anew is for all.
  std::shared_ptr<std::map<Wish, Entry>> entries = std::make_shared<std::map<Wish, Entry>>();
  std::optional<Overlay> overlay;
  mutable std::map<Wish, Entry> adapted;  // answers of `entries` with the overlay applied
  mutable std::set<Wish> wanted;
  mutable ReadLog log;

  [[nodiscard]] const Entry* base(const Wish& wish) const;
  [[nodiscard]] const Entry& look(const Wish& wish) const;
  [[nodiscard]] Entry adapt(const Wish& wish, const Entry& entry) const;
  [[nodiscard]] Entry derive_slices(const Wish& wish, const Entry& entry) const;
  void adapt_object(const Wish& wish, Entry& entry) const;
  void adapt_list(const Wish& wish, Entry& entry) const;
  [[nodiscard]] Item without_status(const Item& item, Kind kind) const;
  [[nodiscard]] bool stale(Kind kind) const;
};

namespace {

Entry starting_entry() {
  Entry entry;
  entry.state = State::unknown;
  entry.why = {Why::Reason::pending, "its pods are still to be started", std::nullopt};
  return entry;
}

const Entry& wanted_entry() {
  static const Entry entry;
  return entry;
}

// An object out of a complete list: there or, since the list is complete, absent.
Entry pick(const Wish& wish, const Entry& list) {
  Entry out;
  out.state = State::absent;
  for (const Item& item : list.items) {
    if (item.name != wish.name || item.ns != wish.ns) continue;
    out.state = State::present;
    out.items = {item};
  }
  return out;
}

Entry narrow(const Wish& wish, const Entry& list) {
  Entry out;
  out.state = list.state;
  for (const Item& item : list.items) {
    if (selects(wish, *item.document)) out.items.push_back(item);
  }
  return out;
}

}  // namespace

const Entry* Facts::Store::base(const Wish& wish) const {
  const auto found = entries->find(wish);
  if (found != entries->end()) return &found->second;
  if (wish.what == Wish::What::served) return nullptr;
  // A wider list that is complete answers as well.
  const auto wider = [&](std::string ns) -> const Entry* {
    const auto list = entries->find({Wish::What::list, wish.kind, std::move(ns), {}, {}, {}});
    return list != entries->end() && list->second.state == State::present ? &list->second : nullptr;
  };
  const Entry* list = wider(wish.ns);
  if (list == nullptr) list = wider({});
  if (list == nullptr) return nullptr;
  return &entries->emplace(wish, wish.what == Wish::What::object ? pick(wish, *list) : narrow(wish, *list)).first->second;
}

const Entry& Facts::Store::look(const Wish& wish) const {
  if (overlay) {
    const auto found = adapted.find(wish);
    if (found != adapted.end()) return found->second;
  }
  const Entry* entry = base(wish);
  if (entry == nullptr || entry->state == State::wanted) {
    // A trial answers for an object that it made or changed even where the cluster was never asked.
    if (overlay && wish.what == Wish::What::object && overlay->find(wish.kind, wish.ns, wish.name) != nullptr) {
      return adapted.emplace(wish, adapt(wish, Entry{})).first->second;
    }
    wanted.insert(wish);
    return wanted_entry();
  }
  if (!overlay) return *entry;
  return adapted.emplace(wish, adapt(wish, *entry)).first->second;
}

bool Facts::Store::stale(Kind kind) const {
  if (kind == Kind::gateway || kind == Kind::listener_set || kind == Kind::gateway_class) return overlay->gateways_stale;
  return (is_route(kind) || kind == Kind::ingress) && overlay->routes_stale;
}

Item Facts::Store::without_status(const Item& item, Kind kind) const {
  Value document = *item.document;
  document.erase("status");
  Item bare = make_item(kind, std::move(document));
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

void Facts::Store::adapt_object(const Wish& wish, Entry& entry) const {
  const Overlay::Change* change = overlay->find(wish.kind, wish.ns, wish.name);
  if (change == nullptr) return;
  entry.items.clear();
  entry.state = change->document ? State::present : State::absent;
  if (change->document) entry.items.push_back(make_item(wish.kind, *change->document));
}

void Facts::Store::adapt_list(const Wish& wish, Entry& entry) const {
  for (const Overlay::Change& change : overlay->changes) {
    if (change.kind != wish.kind || entry.state != State::present) continue;
    std::erase_if(entry.items, [&](const Item& item) { return item.ns == change.object.ns && item.name == change.object.name; });
    if (change.document && selects(wish, *change.document)) entry.items.push_back(make_item(wish.kind, *change.document));
  }
}

Entry Facts::Store::derive_slices(const Wish& wish, const Entry& entry) const {
  const Requirement* owner = nullptr;
  const Selector selector = Selector::parse(wish.selector);
  for (const Requirement& requirement : selector.requirements) {
    if (requirement.key == "kubernetes.io/service-name" && requirement.values.size() == 1) owner = &requirement;
  }
  if (owner == nullptr) return entry;
  const Entry& service_entry = look(object_wish(Kind::service, wish.ns, owner->values.front()));
  if (service_entry.state != State::present) return service_entry.state == State::absent ? entry : service_entry;
  const auto service = std::static_pointer_cast<const Service>(service_entry.items.front().object);
  if (service->selector.empty()) return entry;
  // Only the Services whose pods change: the slices of the others stand as they are.
  const bool service_changed = overlay->find(Kind::service, wish.ns, owner->values.front()) != nullptr;
  const bool pods_changed = std::any_of(overlay->changes.begin(), overlay->changes.end(), [&](const auto& change) {
    return change.kind == Kind::pod && change.object.ns == wish.ns;
  });
  if (!service_changed && !pods_changed && !overlay->awaits(wish.ns, Selector::from_labels(service->selector))) return entry;
  const Entry& pods = look({Wish::What::list, Kind::pod, wish.ns, {}, Selector::from_labels(service->selector).text(), {}});
  if (pods.state != State::present) return pods;
  std::vector<const Pod*> selected;
  for (const Item& item : pods.items) selected.push_back(static_cast<const Pod*>(item.object.get()));
  Entry out;
  out.state = State::present;
  for (Value& document : endpoint_slices_of(*service, selected))
    out.items.push_back(make_item(Kind::endpoint_slice, std::move(document)));
  return out;
}

Entry Facts::Store::adapt(const Wish& wish, const Entry& entry) const {
  if (wish.what == Wish::What::served) return entry;
  if (wish.kind == Kind::endpoint_slice && overlay->endpoints_stale.contains(wish.ns)) return derive_slices(wish, entry);
  if (wish.kind == Kind::pod && overlay->awaits(wish.ns, Selector::parse(wish.selector))) return starting_entry();
  Entry out = entry;
  if (wish.what == Wish::What::object) {
    adapt_object(wish, out);
  } else {
    adapt_list(wish, out);
  }
  if (stale(wish.kind)) {
    for (Item& item : out.items) item = without_status(item, wish.kind);
  }
  return out;
}

template <class T>
const Value& Seen<T>::document() const {
  touch();
  return document_ ? *document_ : null_document;
}

Facts::Facts(Time now) : store_(std::make_unique<Store>()) { store_->now = now; }
Facts::Facts(Facts&&) noexcept = default;
Facts& Facts::operator=(Facts&&) noexcept = default;
Facts::~Facts() = default;

template <class T>
Seen<T> Facts::get(Kind kind, std::string_view ns, std::string_view name) const {
  Seen<T> seen;
  seen.wish_ = object_wish(kind, ns, name);
  seen.log_ = &store_->log;
  const Entry& entry = store_->look(seen.wish_);
  seen.state_ = entry.state;
  seen.why_ = entry.why;
  if (entry.state == State::present && !entry.items.empty()) {
    seen.value_ = std::static_pointer_cast<const T>(entry.items.front().object);
    seen.document_ = entry.items.front().document;
  }
  return seen;
}

template <class T>
Seen<List<T>> Facts::list(Kind kind, std::string_view ns, const Selector& selector, std::string_view fields) const {
  Seen<List<T>> seen;
  seen.wish_ = {Wish::What::list,   kind, info(kind).namespaced ? std::string(ns) : std::string(), {}, selector.text(),
                std::string(fields)};
  seen.log_ = &store_->log;
  const Entry& entry = store_->look(seen.wish_);
  seen.state_ = entry.state;
  seen.why_ = entry.why;
  if (entry.state != State::present) return seen;
  List<T> known;
  known.reserve(entry.items.size());
  for (const Item& item : entry.items) known.push_back({std::static_pointer_cast<const T>(item.object), item.document});
  seen.value_ = std::make_shared<const List<T>>(std::move(known));
  return seen;
}

Seen<Served> Facts::served(Kind kind) const {
  Seen<Served> seen;
  seen.wish_ = {Wish::What::served, kind, {}, {}, {}, {}};
  seen.log_ = &store_->log;
  const Entry& entry = store_->look(seen.wish_);
  seen.state_ = entry.state;
  seen.why_ = entry.why;
  if (entry.state == State::present) seen.value_ = std::make_shared<const Served>(Served{entry.version});
  return seen;
}

Seen<List<EndpointSlice>> Facts::slices(std::string_view ns, std::string_view service) const {
  const Selector selector = Selector::from_labels({{"kubernetes.io/service-name", std::string(service)}});
  return list<EndpointSlice>(Kind::endpoint_slice, ns, selector);
}

Seen<List<Event>> Facts::events(const Ref& object) const {
  // Events about an object without a namespace are kept in "default".
  const std::string ns = object.ns.empty() ? "default" : object.ns;
  return list<Event>(Kind::event, ns, {}, "involvedObject.kind=" + object.kind + ",involvedObject.name=" + object.name);
}

template <class T>
Seen<List<T>> Facts::anywhere(Kind kind, std::string_view name) const {
  return list<T>(kind, "", {}, "metadata.name=" + std::string(name));
}

std::shared_ptr<const Value> Facts::document(const Ref& object) const {
  const std::size_t slash = object.api_version.find('/');
  const std::string group = slash == std::string::npos ? std::string() : object.api_version.substr(0, slash);
  const std::optional<Kind> kind = kind_of(group, object.kind);
  if (!kind) return nullptr;
  const Entry* entry = store_->base(object_wish(*kind, object.ns, object.name));
  if (entry != nullptr && entry->state == State::present && !entry->items.empty()) return entry->items.front().document;
  for (const auto& [wish, list] : *store_->entries) {
    if (wish.kind != *kind) continue;
    for (const Item& item : list.items) {
      if (item.ns == object.ns && item.name == object.name) return item.document;
    }
  }
  return nullptr;
}

Time Facts::now() const { return store_->now; }
const Settings& Facts::settings() const { return store_->settings; }
void Facts::set_settings(const Settings& settings) { store_->settings = settings; }

std::vector<Wish> Facts::take_wanted() const {
  std::vector<Wish> wishes(store_->wanted.begin(), store_->wanted.end());
  store_->wanted.clear();
  return wishes;
}

void Facts::store(const Wish& wish, Answer answer) {
  Entry entry;
  entry.state = answer.state;
  entry.why = std::move(answer.why);
  entry.version = std::move(answer.version);
  for (Value& document : answer.documents) entry.items.push_back(make_item(wish.kind, std::move(document)));
  (*store_->entries)[wish] = std::move(entry);
  store_->adapted.clear();
}

void Facts::give_up(const Why& why) {
  for (const Wish& wish : take_wanted()) store(wish, {State::unknown, {}, {}, why});
}

bool Facts::is_trial() const { return store_->overlay.has_value(); }

namespace {

// Whose status a change of this kind makes stale: what controllers said of everything that refers to it.
void mark_stale(Kind kind, const std::string& ns, const Value& document, Overlay& overlay) {
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

}  // namespace

Facts Facts::patched(const std::vector<Patch>& patches) const {
  Facts trial(store_->now);
  trial.store_->entries = store_->entries;
  trial.store_->settings = store_->settings;
  trial.store_->overlay.emplace();
  Overlay& overlay = *trial.store_->overlay;
  for (const Patch& patch : patches) {
    const std::size_t slash = patch.object.api_version.find('/');
    const std::string group = slash == std::string::npos ? std::string() : patch.object.api_version.substr(0, slash);
    const std::optional<Kind> kind = kind_of(group, patch.object.kind);
    if (!kind) continue;
    const auto before = document(patch.object);
    Value document = before ? *before : Value(Value::Object{});
    Value::merge(document, patch.merge);
    const bool gone = patch.merge.is_null();
    mark_stale(*kind, patch.object.ns, document, overlay);
    if (const Overlay::Change* earlier = overlay.find(*kind, patch.object.ns, patch.object.name);
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

void Facts::reset_reads() const { store_->log.clear(); }
const ReadLog& Facts::reads() const { return store_->log; }

std::vector<std::pair<Wish, Answer>> Facts::stored() const {
  std::vector<std::pair<Wish, Answer>> out;
  for (const auto& [wish, entry] : *store_->entries) {
    Answer answer{entry.state, {}, entry.version, entry.why};
    for (const Item& item : entry.items) answer.documents.push_back(*item.document);
    out.emplace_back(wish, std::move(answer));
  }
  return out;
}

#define GWDOCTOR_FACT(T)                                                                                  \
  template class Seen<T>;                                                                                 \
  template class Seen<List<T>>;                                                                           \
  template Seen<T> Facts::get<T>(Kind, std::string_view, std::string_view) const;                         \
  template Seen<List<T>> Facts::list<T>(Kind, std::string_view, const Selector&, std::string_view) const; \
  template Seen<List<T>> Facts::anywhere<T>(Kind, std::string_view) const
GWDOCTOR_FACT(GatewayClass);
GWDOCTOR_FACT(Gateway);
GWDOCTOR_FACT(ListenerSet);
GWDOCTOR_FACT(Route);
GWDOCTOR_FACT(ReferenceGrant);
GWDOCTOR_FACT(IngressClass);
GWDOCTOR_FACT(Ingress);
GWDOCTOR_FACT(Service);
GWDOCTOR_FACT(EndpointSlice);
GWDOCTOR_FACT(Pod);
GWDOCTOR_FACT(Workload);
GWDOCTOR_FACT(PodDisruptionBudget);
GWDOCTOR_FACT(Secret);
GWDOCTOR_FACT(Namespace);
GWDOCTOR_FACT(Event);
GWDOCTOR_FACT(CustomResourceDefinition);
#undef GWDOCTOR_FACT
template class Seen<Served>;

}  // namespace gwdoctor
