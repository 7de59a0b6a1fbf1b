#include "kube/facts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kube/facts_store.h"
#include "kube/observation.h"

namespace gwdoctor {

namespace {

const Value null_document;

}  // namespace

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
  const FactEntry& entry = store_->look(seen.wish_);
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
  const FactEntry& entry = store_->look(seen.wish_);
  seen.state_ = entry.state;
  seen.why_ = entry.why;
  if (entry.state != State::present) return seen;
  List<T> known;
  known.reserve(entry.items.size());
  for (const FactItem& item : entry.items) known.push_back({std::static_pointer_cast<const T>(item.object), item.document});
  seen.value_ = std::make_shared<const List<T>>(std::move(known));
  return seen;
}

Seen<Served> Facts::served(Kind kind) const {
  Seen<Served> seen;
  seen.wish_ = {Wish::What::served, kind, {}, {}, {}, {}};
  seen.log_ = &store_->log;
  const FactEntry& entry = store_->look(seen.wish_);
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
Seen<T> Facts::observed(const Wish& wish) const {
  Seen<T> seen;
  seen.wish_ = wish;
  const ProbeKind probe = wish.probe().value_or(ProbeKind::dns);
  if (!probes(probe)) {
    seen.state_ = State::unknown;
    seen.why_ = {Why::Reason::not_collected, "--probe does not name " + std::string(probe_name(probe)), std::nullopt};
    return seen;
  }
  const FactEntry& entry = store_->look(wish);
  seen.state_ = entry.state;
  seen.why_ = entry.why;
  if (entry.state != State::present || entry.items.empty()) return seen;
  seen.document_ = entry.items.front().document;
  seen.value_ = std::static_pointer_cast<const T>(entry.items.front().object);
  return seen;
}

Seen<DnsAnswer> Facts::dns(std::string_view name, std::string_view server) const {
  return observed<DnsAnswer>(wish_of(DnsQuestion{std::string(name), std::string(server)}));
}

Seen<TcpAnswer> Facts::tcp(std::string_view address, std::int64_t port) const {
  return observed<TcpAnswer>(wish_of(TcpQuestion{std::string(address), port}));
}

Seen<TlsAnswer> Facts::tls(std::string_view address, std::int64_t port, std::string_view sni,
                           const std::vector<std::string>& alpn) const {
  return observed<TlsAnswer>(wish_of(TlsQuestion{std::string(address), port, std::string(sni), alpn}));
}

Seen<HttpAnswer> Facts::http(const HttpQuestion& question) const { return observed<HttpAnswer>(wish_of(question)); }

Seen<ProxyAnswer> Facts::proxy(const ProxyQuestion& question) const { return observed<ProxyAnswer>(wish_of(question)); }

template <class T>
Seen<List<T>> Facts::anywhere(Kind kind, std::string_view name) const {
  return list<T>(kind, "", {}, "metadata.name=" + std::string(name));
}

std::shared_ptr<const Value> Facts::document(const Ref& object) const {
  const std::optional<Kind> kind = kind_of(object);
  if (!kind) return nullptr;
  const FactEntry* entry = store_->base(object_wish(*kind, object.ns, object.name));
  if (entry != nullptr && entry->state == State::present && !entry->items.empty()) return entry->items.front().document;
  for (const auto& [wish, list] : *store_->entries) {
    if (wish.kind != *kind || wish.probe()) continue;
    for (const FactItem& item : list.items) {
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
  FactEntry entry;
  entry.state = answer.state;
  entry.why = std::move(answer.why);
  entry.version = std::move(answer.version);
  for (Value& document : answer.documents) {
    entry.items.push_back(wish.probe() ? make_observed(wish.what, std::move(document))
                                       : make_item(wish.kind, std::move(document)));
  }
  (*store_->entries)[wish] = std::move(entry);
  store_->adapted.clear();
  store_->memos.clear();
}

std::shared_ptr<const void> Facts::recall(const std::string& key) const {
  const auto found = store_->memos.find(key);
  if (found == store_->memos.end()) return nullptr;
  store_->log.insert(found->second.reads.begin(), found->second.reads.end());
  return found->second.value;
}

ReadLog Facts::begin_memo() const { return std::exchange(store_->log, {}); }

void Facts::keep(const std::string& key, std::shared_ptr<const void> value, ReadLog read_before) const {
  ReadLog reads = std::exchange(store_->log, std::move(read_before));
  store_->log.insert(reads.begin(), reads.end());
  store_->memos[key] = {std::move(value), std::move(reads)};
}

void Facts::give_up(const Why& why) {
  for (const Wish& wish : take_wanted()) store(wish, {State::unknown, {}, {}, why});
}

bool Facts::is_trial() const { return store_->overlay.has_value(); }

void Facts::reset_reads() const { store_->log.clear(); }
const ReadLog& Facts::reads() const { return store_->log; }

std::vector<std::pair<Wish, Answer>> Facts::stored() const {
  std::vector<std::pair<Wish, Answer>> out;
  for (const auto& [wish, entry] : *store_->entries) {
    Answer answer{entry.state, {}, entry.version, entry.why};
    for (const FactItem& item : entry.items) answer.documents.push_back(*item.document);
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
GWDOCTOR_FACT(BackendTlsPolicy);
GWDOCTOR_FACT(IngressClass);
GWDOCTOR_FACT(Ingress);
GWDOCTOR_FACT(Service);
GWDOCTOR_FACT(EndpointSlice);
GWDOCTOR_FACT(Pod);
GWDOCTOR_FACT(Workload);
GWDOCTOR_FACT(PodDisruptionBudget);
GWDOCTOR_FACT(Secret);
GWDOCTOR_FACT(ConfigMap);
GWDOCTOR_FACT(Namespace);
GWDOCTOR_FACT(Event);
GWDOCTOR_FACT(CustomResourceDefinition);
GWDOCTOR_FACT(IngressRoute);
GWDOCTOR_FACT(Middleware);
GWDOCTOR_FACT(TraefikService);
#undef GWDOCTOR_FACT
template class Seen<Served>;
template class Seen<DnsAnswer>;
template class Seen<TcpAnswer>;
template class Seen<TlsAnswer>;
template class Seen<HttpAnswer>;
template class Seen<ProxyAnswer>;

}  // namespace gwdoctor
