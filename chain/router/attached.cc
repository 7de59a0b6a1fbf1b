#include "chain/router/attached.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "chain/attachment.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

constexpr std::string_view gateway_group = "gateway.networking.k8s.io";

bool same_parent(const ParentRef& left, const ParentRef& right) {
  return left.group == right.group && left.kind == right.kind && left.ns == right.ns && left.name == right.name &&
         left.section == right.section && left.port == right.port;
}

bool owns(const ParentRef& parent, const Ref& owner) {
  return parent.group == gateway_group && parent.kind == owner.kind && parent.ns == owner.ns && parent.name == owner.name;
}

std::string parent_text(const ParentRef& parent) { return fmt::format("{} {}/{}", parent.kind, parent.ns, parent.name); }

std::string said(const Condition& condition) {
  return condition.message.empty() ? condition.reason : condition.reason + ": " + condition.message;
}

std::string from_words(const FromNamespaces& from) {
  if (from.from == FromNamespaces::From::none) return "from no namespace";
  if (from.from == FromNamespaces::From::same) return "from its own namespace alone";
  return "from namespaces with " + from.selector.text();
}

std::string kinds_of(const Listener& listener) {
  std::string out;
  for (const RouteGroupKind& kind : listener.kinds) out += (out.empty() ? "" : ", ") + kind.kind;
  return out;
}

std::string hosts_of(const Route& route) {
  std::string out;
  for (const std::string& host : route.hostnames) out += (out.empty() ? "" : ", ") + host;
  return out;
}

// Why a listener does not take a route, and how near it came: the nearest is the one that was meant.
std::string refusal(const Route& route, const ParentRef& parent, const TableListener& listener, Attachment state) {
  const std::string name = listener_text(listener);
  switch (state) {
    case Attachment::other_section:
      return fmt::format("no listener of {} is named {}", parent_text(parent), parent.section);
    case Attachment::other_port:
      return fmt::format("no listener of {} has port {}", parent_text(parent), *parent.port);
    case Attachment::protocol_excluded:
      return fmt::format("{} is of protocol {}, which carries no {}", name, listener.spec.protocol, info(route.kind).name);
    case Attachment::kind_excluded:
      return fmt::format("{} takes {}, not {}", name, kinds_of(listener.spec), info(route.kind).name);
    case Attachment::namespace_excluded:
      return fmt::format("{} takes routes {}, not from {}", name, from_words(listener.spec.namespaces), route.meta.ref.ns);
    case Attachment::hostname_disjoint:
      return fmt::format("{} serves {}, the route names {}", name, listener.spec.hostname, hosts_of(route));
    case Attachment::unknown:
      return fmt::format("whether {} takes routes from {} is not known: the labels of the namespace could not be read", name,
                         route.meta.ref.ns);
    case Attachment::attached:
      break;
  }
  return {};
}

// The rules that the controller says it dropped: "Dropped Rule 1: …" (RouteConditionPartiallyInvalid: the message begins so and
// names the rules). Empty where no numbers follow at once.
std::set<std::size_t> dropped_rules(const Condition& condition, std::size_t rules) {
  constexpr std::string_view opening = "Dropped Rule";
  std::set<std::size_t> out;
  std::string_view rest = condition.message;
  if (!rest.starts_with(opening)) return out;
  rest.remove_prefix(opening.size());
  for (const std::string_view ending : {"(s)", "s"}) {
    if (rest.starts_with(ending)) rest.remove_prefix(ending.size());
  }
  while (!rest.empty()) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error == std::errc()) {
      if (number < rules) out.insert(number);
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    } else if (rest.starts_with("and ")) {
      rest.remove_prefix(4);
    } else if (std::string_view(" ,[]").find(rest.front()) != std::string_view::npos) {
      rest.remove_prefix(1);
    } else {
      break;
    }
  }
  return out;
}

void add_entries(const std::shared_ptr<const Route>& route, const std::vector<std::string>& hosts,
                 const std::set<std::size_t>& dropped, TableListener& listener) {
  for (const std::string& host : hosts) {
    for (std::size_t rule = 0; rule < route->rules.size(); ++rule) {
      if (dropped.contains(rule)) continue;
      for (std::size_t match = 0; match < route->rules[rule].matches.size(); ++match)
        listener.entries.push_back({route, rule, match, host});
    }
  }
}

bool is_stream(Kind kind) { return kind == Kind::tls_route || kind == Kind::tcp_route || kind == Kind::udp_route; }

// One parentRef of one route: the listeners that take it, with the effective hostnames, added to those of its other parentRefs.
class Attaching {
 public:
  Attaching(const Route& route, std::string_view controller, const std::vector<ListenerView>& views, GatewayTable& table,
            const Facts& facts)
      : route_(route), controller_(controller), views_(views), table_(table), facts_(facts), hosts_(views.size()) {}

  void parent(const ParentRef& parent) {
    std::set<std::size_t> dropped;
    if (!status_allows(parent, dropped)) return;
    std::string why;
    int nearest = -1;
    bool attached = false;
    Seen<Namespace> labels;
    for (std::size_t at = 0; at < table_.listeners.size(); ++at) {
      const TableListener& listener = table_.listeners[at];
      if (!owns(parent, listener.owner)) continue;
      const AttachmentView result = with_dialect(attach(route_, parent, views_[at], at, facts_, labels), at, parent);
      if (result.state == Attachment::attached) {
        attached = true;
        take(at, result.hostnames, dropped);
      } else if (static_cast<int>(result.state) > nearest) {
        nearest = static_cast<int>(result.state);
        why = refusal(route_, parent, listener, result.state);
      }
      if (result.state == Attachment::unknown) table_.unread.push_back({labels.wish(), labels.why()});
    }
    attached_ = attached_ || attached;
    if (!attached && !why.empty()) reasons_.push_back(why);
  }

  void finish(const std::shared_ptr<const Route>& route) {
    for (const std::size_t lost : lost_) table_.refused[lost].object = route;

    for (std::size_t at = 0; at < hosts_.size(); ++at) {
      if (hosts_[at].empty()) continue;
      if (is_stream(route->kind)) {
        table_.listeners[at].streams.push_back(route);
      } else {
        add_entries(route, hosts_[at], dropped_, table_.listeners[at]);
      }
    }
    // Taken by one listener, it is no matter which others it did not suit.
    if (attached_) reasons_.clear();
    reasons_.insert(reasons_.end(), partial_.begin(), partial_.end());
    std::sort(reasons_.begin(), reasons_.end());
    reasons_.erase(std::unique(reasons_.begin(), reasons_.end()), reasons_.end());
    for (const std::string& reason : reasons_) table_.refused.push_back({route->meta.ref, reason, route, {}, 0});
  }

 private:
  bool served_in_spite(const Condition& accepted) const {
    const auto& reasons = table_.dialect.served_reasons;
    return std::find(reasons.begin(), reasons.end(), accepted.reason) != reasons.end();
  }

  bool status_allows(const ParentRef& parent, std::set<std::size_t>& dropped) {
    const RouteParentStatus* status = current_status(route_, parent, controller_);
    if (status == nullptr) return true;
    const Condition* accepted = current_condition(status->conditions, "Accepted", route_.meta);
    if (accepted != nullptr && accepted->status == Condition::Status::is_false && !served_in_spite(*accepted)) {
      reasons_.push_back(fmt::format("{} says of it at {}: Accepted is False, {}", status->controller_name, parent_text(parent),
                                     said(*accepted)));
      return false;
    }
    const Condition* partial = current_condition(status->conditions, "PartiallyInvalid", route_.meta);
    if (partial == nullptr || partial->status != Condition::Status::is_true) return true;
    dropped = dropped_rules(*partial, route_.rules.size());
    for (const std::size_t rule : dropped)
      partial_.push_back(fmt::format("rule {} is dropped by {}: {}", rule, status->controller_name, said(*partial)));
    return true;
  }

  // The hostnames by the implementation's own rule, where it has one; told where that takes some of the spec's away.
  AttachmentView with_dialect(AttachmentView view, std::size_t at, const ParentRef& parent) {
    const GatewayDialect& dialect = table_.dialect;
    if (view.state != Attachment::attached || dialect.hostnames == nullptr || is_stream(route_.kind)) return view;
    const TableListener& listener = table_.listeners[at];
    const std::vector<std::string> own = dialect.hostnames(listener.spec.hostname, route_.hostnames, others(parent));
    for (const std::string& host : view.hostnames) {
      if (std::find(own.begin(), own.end(), host) != own.end()) continue;
      table_.refused.push_back(
          {route_.meta.ref,
           fmt::format("{} {} does not serve it under {} on {}, where the Gateway API does: {}", dialect.name, dialect.version,
                       host.empty() ? "any host" : host, listener_text(listener),
                       host == listener.spec.hostname
                           ? "a wildcard that is wider than the listener's does not count"
                           : "another listener of the Gateway, on whatever port, has that hostname and does not "
                             "take this parentRef"),
           std::shared_ptr<const Route>(), host, listener.spec.port});
      lost_.push_back(table_.refused.size() - 1);
    }
    view.hostnames = own;
    if (own.empty()) view.state = Attachment::hostname_disjoint;
    return view;
  }

  // The hostnames of the listeners of this Gateway that a parentRef does not attach to, whatever their port.
  std::vector<std::string> others(const ParentRef& parent) const {
    std::vector<std::string> out;
    Seen<Namespace> labels;
    for (std::size_t at = 0; at < table_.listeners.size(); ++at) {
      const TableListener& listener = table_.listeners[at];
      if (listener.spec.hostname.empty()) continue;
      const Attachment state =
          owns(parent, listener.owner) ? attach(route_, parent, views_[at], at, facts_, labels).state : Attachment::other_section;
      if (state != Attachment::attached && state != Attachment::hostname_disjoint) out.push_back(listener.spec.hostname);
    }
    return out;
  }

  void take(std::size_t at, const std::vector<std::string>& hosts, const std::set<std::size_t>& dropped) {
    for (const std::string& host : hosts) {
      if (std::find(hosts_[at].begin(), hosts_[at].end(), host) == hosts_[at].end()) hosts_[at].push_back(host);
    }
    dropped_.insert(dropped.begin(), dropped.end());
  }

  const Route& route_;
  std::string_view controller_;
  const std::vector<ListenerView>& views_;
  GatewayTable& table_;
  const Facts& facts_;
  std::vector<std::vector<std::string>> hosts_;  // of each listener
  std::set<std::size_t> dropped_;
  std::vector<std::string> reasons_;
  std::vector<std::string> partial_;  // rules of it that are not served
  std::vector<std::size_t> lost_;     // in GatewayTable::refused: hostnames that the implementation leaves out
  bool attached_ = false;
};

bool share_host(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::any_of(left.begin(), left.end(), [&](const std::string& one) {
    return std::any_of(right.begin(), right.end(),
                       [&](const std::string& other) { return covers(one, other) || covers(other, one); });
  });
}

// The routes of one listener, the oldest first, with their effective hostnames.
struct Attached {
  std::shared_ptr<const Route> route;
  std::vector<std::string> hosts;
};

std::vector<Attached> routes_of(const TableListener& listener) {
  std::map<const Route*, std::size_t> index;
  std::vector<Attached> out;
  for (const TableEntry& entry : listener.entries) {
    const auto [found, added] = index.emplace(entry.route.get(), out.size());
    if (added) out.push_back({entry.route, {}});
    std::vector<std::string>& hosts = out[found->second].hosts;
    if (std::find(hosts.begin(), hosts.end(), entry.hostname) == hosts.end()) hosts.push_back(entry.hostname);
  }
  std::sort(out.begin(), out.end(),
            [](const Attached& left, const Attached& right) { return is_older(left.route->meta, right.route->meta); });
  return out;
}

bool seen_accepted(const Route& route, std::string_view controller, const GatewayTable& table) {
  return std::any_of(route.parents.begin(), route.parents.end(), [&](const ParentRef& parent) {
    if (!names_gateway(parent, table)) return false;
    const RouteParentStatus* status = current_status(route, parent, controller);
    const Condition* accepted = status == nullptr ? nullptr : current_condition(status->conditions, "Accepted", route.meta);
    return accepted != nullptr && accepted->status == Condition::Status::is_true;
  });
}

}  // namespace

bool is_older(const Meta& left, const Meta& right) {
  const Time one = left.created.value_or(Time::max());
  const Time other = right.created.value_or(Time::max());
  return one != other ? one < other : compare_names(left.ref, right.ref) < 0;
}

int compare_names(const Ref& left, const Ref& right) {
  const std::size_t shared = std::min(left.ns.size(), right.ns.size());
  if (const int order = left.ns.compare(0, shared, right.ns, 0, shared); order != 0) return order;
  if (left.ns.size() == right.ns.size()) return left.name.compare(right.name);
  const bool longer = left.ns.size() > shared;
  const bool before_slash = (longer ? left.ns : right.ns)[shared] < '/';
  return longer == before_slash ? -1 : 1;
}

std::string listener_text(const TableListener& listener) {
  if (listener.owner.kind == info(Kind::listener_set).name)
    return fmt::format("listener {} of {}", listener.spec.name, listener.owner.text());
  return "listener " + listener.spec.name;
}

bool names_gateway(const ParentRef& parent, const GatewayTable& table) {
  return owns(parent, table.gateway) || std::any_of(table.listeners.begin(), table.listeners.end(),
                                                    [&](const auto& listener) { return owns(parent, listener.owner); });
}

const RouteParentStatus* current_status(const Route& route, const ParentRef& parent, std::string_view controller) {
  if (controller.empty() || route.meta.settling) return nullptr;
  for (const RouteParentStatus& status : route.parent_status) {
    if (status.controller_name == controller && same_parent(status.parent, parent)) return &status;
  }
  return nullptr;
}

const Condition* current_condition(const Conditions& conditions, std::string_view type, const Meta& meta) {
  const Condition* found = condition(conditions, type);
  if (found == nullptr || is_crd_default(*found)) return nullptr;
  // Written of an earlier spec: it says nothing of this one.
  return found->observed && *found->observed < meta.generation ? nullptr : found;
}

std::vector<ListenerView> views_of(const GatewayTable& table) {
  std::vector<ListenerView> out;
  for (const TableListener& listener : table.listeners) {
    ListenerView view;
    view.spec = listener.spec;
    view.owner = listener.owner;
    view.status = listener.status;
    out.push_back(std::move(view));
  }
  return out;
}

void attach_route(const std::shared_ptr<const Route>& route, std::string_view controller, const std::vector<ListenerView>& views,
                  GatewayTable& table, const Facts& facts) {
  Attaching attaching(*route, controller, views, table, facts);
  bool named = false;
  for (const ParentRef& parent : route->parents) {
    if (!names_gateway(parent, table)) continue;
    named = true;
    attaching.parent(parent);
  }
  if (named) attaching.finish(route);
}

void refuse_mixed_kinds(std::string_view controller, GatewayTable& table) {
  for (TableListener& listener : table.listeners) {
    const bool mixed = std::any_of(listener.entries.begin(), listener.entries.end(), [&](const TableEntry& entry) {
      return entry.route->kind != listener.entries.front().route->kind;
    });
    if (!mixed) continue;
    std::vector<Attached> accepted;
    std::set<const Route*> out;
    for (Attached& route : routes_of(listener)) {
      const auto rival = std::find_if(accepted.begin(), accepted.end(), [&](const Attached& older) {
        return older.route->kind != route.route->kind && share_host(older.hosts, route.hosts);
      });
      if (rival != accepted.end() && !seen_accepted(*route.route, controller, table)) {
        out.insert(route.route.get());
        table.refused.push_back({route.route->meta.ref,
                                 fmt::format("{} has the older {} with a hostname in common, and takes only one of an HTTPRoute "
                                             "and a GRPCRoute for it",
                                             listener_text(listener), rival->route->meta.ref.text()),
                                 route.route});
      } else {
        accepted.push_back(std::move(route));
      }
    }
    std::erase_if(listener.entries, [&](const TableEntry& entry) { return out.contains(entry.route.get()); });
  }
}

}  // namespace gwdoctor
