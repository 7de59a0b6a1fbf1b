#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "chain/attachment.h"
#include "chain/router/attached.h"

namespace gwdoctor {

namespace {

// Of so many namespaces each is asked for by its name.
constexpr std::size_t few_namespaces = 3;

constexpr std::array route_kinds{Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route};

// Reasons for which a list of all namespaces is unknown while one of a single namespace may be known.
bool narrower_may_be_known(const Why& why) {
  return why.reason == Why::Reason::forbidden || why.reason == Why::Reason::not_collected;
}

class TableBuilder {
 public:
  TableBuilder(const Seen<Gateway>& gateway, std::string_view ns, const Facts& facts) : ns_(ns), facts_(facts) {
    table_.gateway = gateway->meta.ref;
    table_.object = gateway.shared();
  }

  GatewayTable build() {
    find_dialect();
    add_listeners(table_.object->listeners, table_.object->listener_status, table_.object->meta);
    add_listener_sets();
    mark_conflicts();
    std::vector<std::shared_ptr<const Route>> all;
    for (const Kind kind : route_kinds) {
      const std::vector<std::shared_ptr<const Route>> some = routes(kind);
      all.insert(all.end(), some.begin(), some.end());
    }
    attach_all(all);
    drop_known_complete();
    refuse_mixed_kinds(controller_, table_);
    drop_repeated_unread();
    sort_table(table_);
    if (table_.dialect.compile != nullptr) table_.dialect.compile(table_);
    for (TableListener& listener : table_.listeners) sort_streams(listener);
    return std::move(table_);
  }

 private:
  void find_dialect() {
    const Seen<GatewayClass> found = facts_.get<GatewayClass>(Kind::gateway_class, "", table_.object->class_name);
    if (found.unknown()) table_.unread.push_back({found.wish(), found.why()});
    const Controller* known = nullptr;
    if (found.present()) {
      controller_ = found->controller_name;
      known = find_by_gateway_controller(controller_);
    }
    table_.dialect = gateway_dialect(known == nullptr ? std::string_view() : known->id);
  }

  void add_listeners(const std::vector<Listener>& listeners, const std::vector<ListenerStatus>& status, const Meta& owner) {
    for (const Listener& listener : listeners) {
      TableListener entry;
      entry.spec = listener;
      entry.owner = owner.ref;
      for (const ListenerStatus& said : status) {
        if (said.name == listener.name && !owner.settling) entry.status = said;
      }
      generations_.push_back(owner.generation);
      table_.listeners.push_back(std::move(entry));
    }
  }

  // ListenerSetSpec.listeners: after the Gateway's own, the oldest set first, then by the alphabet.
  void add_listener_sets() {
    const Seen<List<ListenerSet>> all = facts_.list<ListenerSet>(Kind::listener_set, "");
    std::vector<std::shared_ptr<const ListenerSet>> sets = read<ListenerSet>(Kind::listener_set, all);
    std::erase_if(sets, [&](const auto& set) {
      return !set->parent.is("gateway.networking.k8s.io", "Gateway") || set->parent.ns != table_.gateway.ns ||
             set->parent.name != table_.gateway.name || !admitted(*set);
    });
    std::sort(sets.begin(), sets.end(), [](const auto& left, const auto& right) { return is_older(left->meta, right->meta); });
    for (const auto& set : sets) add_listeners(set->listeners, set->listener_status, set->meta);
  }

  // GatewaySpec.allowedListeners: by default none, and then it is no matter which there are.
  bool takes_listener_sets() const { return table_.object->allowed_listeners.from != FromNamespaces::From::none; }

  bool admitted(const ListenerSet& set) {
    Seen<Namespace> labels;
    const std::optional<bool> admits =
        namespaces_admit(table_.object->allowed_listeners, table_.gateway.ns, set.meta.ref.ns, facts_, labels);
    if (!admits) {
      table_.unread.push_back({labels.wish(), labels.why()});
      return false;
    }
    if (!*admits) {
      table_.refused.push_back({set.meta.ref, fmt::format("allowedListeners of {} admits no ListenerSet from {}",
                                                          table_.gateway.text(), set.meta.ref.ns)});
      return false;
    }
    const Condition* accepted = set.meta.settling ? nullptr : current_condition(set.conditions, "Accepted", set.meta);
    if (accepted == nullptr || accepted->status != Condition::Status::is_false) return true;
    table_.refused.push_back({set.meta.ref, fmt::format("Accepted is False, {}: {}", accepted->reason, accepted->message)});
    return false;
  }

  // GatewaySpec.listeners: none of the listeners of one object that are not distinct is served. ListenerSetSpec.listeners: of
  // those of several, the one of the object that goes first is.
  void mark_conflicts() {
    std::vector<TableListener>& all = table_.listeners;
    for (std::size_t at = 0; at < all.size(); ++at) all[at].usable = !seen_refused(at);
    for (std::size_t at = 0; at < all.size(); ++at) {
      for (std::size_t earlier = 0; earlier < at; ++earlier) {
        if (!listeners_conflict(all[earlier].spec, all[at].spec)) continue;
        if (all[earlier].owner == all[at].owner) {
          all[earlier].usable = seen_served(earlier);
          all[at].usable = seen_served(at);
        } else if (all[earlier].usable) {
          all[at].usable = false;
        }
      }
    }
  }

  // The controller says of a listener, as it stands now, that it does not serve it.
  bool seen_refused(std::size_t at) const {
    const std::optional<ListenerStatus>& status = table_.listeners[at].status;
    if (!status) return false;
    Meta meta;
    meta.generation = generations_[at];
    const Condition* accepted = current_condition(status->conditions, "Accepted", meta);
    return accepted != nullptr && accepted->status == Condition::Status::is_false;
  }

  // It says that it accepts it.
  bool seen_served(std::size_t at) const {
    const std::optional<ListenerStatus>& status = table_.listeners[at].status;
    if (!status) return false;
    Meta meta;
    meta.generation = generations_[at];
    const Condition* accepted = current_condition(status->conditions, "Accepted", meta);
    const Condition* conflicted = current_condition(status->conditions, "Conflicted", meta);
    return accepted != nullptr && accepted->status == Condition::Status::is_true &&
           (conflicted == nullptr || conflicted->status != Condition::Status::is_true);
  }

  void attach_all(const std::vector<std::shared_ptr<const Route>>& all) {
    const std::vector<ListenerView> views = views_of(table_);
    std::map<std::string_view, std::vector<ListenerView>> places;
    for (const std::shared_ptr<const Route>& route : all) {
      const auto names = [&](const ParentRef& parent) { return names_gateway(parent, table_); };
      if (std::any_of(route->parents.begin(), route->parents.end(), names)) places.emplace(route->meta.ref.ns, views);
    }
    if (places.size() > few_namespaces) admit_at_once(views, places);
    for (const std::shared_ptr<const Route>& route : all) {
      const auto place = places.find(route->meta.ref.ns);
      if (place != places.end()) attach_route(route, controller_, place->second, table_, facts_);
    }
  }

  // One list of the namespaces that a listener selects, in place of a question for each. Where that may not be had: of each.
  void admit_at_once(const std::vector<ListenerView>& views, std::map<std::string_view, std::vector<ListenerView>>& places) {
    for (std::size_t at = 0; at < views.size(); ++at) {
      const FromNamespaces& from = views[at].spec.namespaces;
      if (from.from != FromNamespaces::From::selector || from.selector.empty()) continue;
      const Seen<List<Namespace>> admitted = facts_.list<Namespace>(Kind::name_space, "", from.selector);
      if (admitted.unknown() && narrower_may_be_known(admitted.why())) continue;
      if (admitted.unknown()) table_.unread.push_back({admitted.wish(), admitted.why()});
      std::set<std::string_view> names;
      if (admitted.present()) {
        for (const Known<Namespace>& one : *admitted) names.insert(one->meta.ref.name);
      }
      for (auto& [ns, own] : places)
        own[at].spec.namespaces.from = names.contains(ns) ? FromNamespaces::From::all : FromNamespaces::From::none;
    }
  }

  std::vector<std::shared_ptr<const Route>> routes(Kind kind) { return read<Route>(kind, facts_.list<Route>(kind, "")); }

  // The objects of a list of all namespaces, or, where that may not be had, of the namespaces that the question is about.
  template <class T>
  std::vector<std::shared_ptr<const T>> read(Kind kind, const Seen<List<T>>& all) {
    std::vector<std::shared_ptr<const T>> out;
    const auto add = [&](const Seen<List<T>>& list) {
      if (!list.present()) return;
      for (const Known<T>& one : *list) out.push_back(one.object);
    };
    add(all);
    if (!all.unknown()) return out;
    std::vector<Unread> ignored;
    std::vector<Unread>& unread = kind != Kind::listener_set ? routes_unread_ : takes_listener_sets() ? table_.unread : ignored;
    unread.push_back({all.wish(), all.why()});
    if (!narrower_may_be_known(all.why())) return out;
    std::vector<std::string> places{table_.gateway.ns};
    if (!ns_.empty() && ns_ != table_.gateway.ns) places.push_back(std::string(ns_));
    for (const std::string& place : places) {
      const Seen<List<T>> part = facts_.list<T>(kind, place);
      add(part);
      if (part.unknown()) unread.push_back({part.wish(), part.why()});
    }
    return out;
  }

  // Where the controller counts as many routes on every listener as were read, none can be missing.
  void drop_known_complete() {
    const bool complete = std::all_of(table_.listeners.begin(), table_.listeners.end(), [](const TableListener& listener) {
      if (!listener.status || !listener.status->attached_routes) return false;
      std::vector<const Route*> attached;
      for (const TableEntry& entry : listener.entries) attached.push_back(entry.route.get());
      std::sort(attached.begin(), attached.end());
      attached.erase(std::unique(attached.begin(), attached.end()), attached.end());
      return static_cast<std::int64_t>(attached.size() + listener.streams.size()) == *listener.status->attached_routes;
    });
    if (complete && !table_.listeners.empty()) return;
    table_.unread.insert(table_.unread.end(), routes_unread_.begin(), routes_unread_.end());
  }

  void drop_repeated_unread() {
    std::set<Wish> seen;
    std::erase_if(table_.unread, [&](const Unread& one) { return !seen.insert(one.wish).second; });
  }

  static void sort_streams(TableListener& listener) {
    std::stable_sort(listener.streams.begin(), listener.streams.end(),
                     [](const auto& left, const auto& right) { return is_older(left->meta, right->meta); });
  }

  GatewayTable table_;
  std::string_view ns_;
  const Facts& facts_;
  std::string controller_;
  std::vector<std::int64_t> generations_;  // of the owner of each listener
  std::vector<Unread> routes_unread_;      // lists of routes that could not be had
};

}  // namespace

std::shared_ptr<const GatewayTable> gateway_table(std::string_view gateway_ns, std::string_view gateway, std::string_view ns,
                                                  const Facts& facts) {
  using Built = std::optional<GatewayTable>;
  const std::shared_ptr<const Built> built =
      facts.memo<Built>(fmt::format("gateway-table {}/{} {}", gateway_ns, gateway, ns), [&] {
        const Seen<Gateway> object = facts.get<Gateway>(Kind::gateway, gateway_ns, gateway);
        return object.present() ? Built(TableBuilder(object, ns, facts).build()) : Built();
      });
  return *built ? std::shared_ptr<const GatewayTable>(built, &**built) : nullptr;
}

}  // namespace gwdoctor
