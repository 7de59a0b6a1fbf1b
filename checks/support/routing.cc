#include "checks/support/routing.h"

#include <algorithm>
#include <set>

#include "chain/hostname.h"
#include "checks/grace.h"
#include "checks/support/parents.h"

namespace gwdoctor {

namespace {

const ListenerView& listener_view(const Entrance& entrance, const Path& path) {
  return path.gateways[entrance.gateway].listeners[entrance.listener];
}

// How many routes the controller says are attached. A trial of a fix leaves status out: the number from before it holds for all
// but the routes that the fix moves, and those are the target's own.
std::optional<std::int64_t> counted(const ListenerView& listener, const Facts& facts) {
  if (listener.status) return listener.status->attached_routes;
  const std::optional<Kind> kind = kind_named(listener.owner.kind);
  if (!facts.is_trial() || !kind) return std::nullopt;
  const std::shared_ptr<const Value> before = facts.document(listener.owner);
  if (before == nullptr) return std::nullopt;
  for (const Value& status : (*before)["status"]["listeners"].items()) {
    if (status["name"].text() == listener.spec.name) return status["attachedRoutes"].integer();
  }
  return std::nullopt;
}

// The routes of the path that the listener of the entrance takes.
std::set<std::size_t> own_routes(const Entrance& entrance, const Path& path) {
  std::set<std::size_t> out;
  if (path.routes.size() == 1) return {entrance.route};
  for (const Entrance& other : path.entrances) {
    if (other.gateway == entrance.gateway && other.listener == entrance.listener && other.route != no_index &&
        is_attached(other, path))
      out.insert(other.route);
  }
  return out;
}

bool is_alone(const Entrance& entrance, const Path& path, const Facts& facts) {
  const ListenerView& listener = listener_view(entrance, path);
  const std::optional<std::int64_t> all = counted(listener, facts);
  const std::set<std::size_t> own = own_routes(entrance, path);
  if (!all || *all > static_cast<std::int64_t>(own.size())) return false;
  // A count from before the route came may count another one.
  return facts.is_trial() ||
         std::none_of(own.begin(), own.end(), [&](std::size_t at) { return settling(path.routes[at].route->meta, facts); });
}

// Whether the list of this kind could hold a route that competes with one of `mine`.
bool matters(Kind kind, Kind mine) {
  const bool http = mine == Kind::http_route || mine == Kind::grpc_route;
  if (http) return kind == Kind::http_route || kind == Kind::grpc_route;
  return kind == mine;
}

Value without_conditions(const std::shared_ptr<const Value>& document, const std::string& rule) {
  Value out = document->at_path(rule);
  for (const std::string_view field : {"matches", "name", "backendRefs"}) out.erase(field);
  return out;
}

bool same_backend(const BackendRef& left, const BackendRef& right) {
  return left.group == right.group && left.kind == right.kind && left.ns == right.ns && left.name == right.name &&
         left.port == right.port && left.weight == right.weight && left.filters.empty() && right.filters.empty();
}

}  // namespace

bool is_attached(const Entrance& entrance, const Path& path) {
  if (entrance.route == no_index || entrance.parent == no_index || entrance.listener == no_index) return false;
  const RouteView& route = path.routes[entrance.route];
  const ParentView& parent = route.parents[entrance.parent];
  const auto found = std::find_if(parent.attachments.begin(), parent.attachments.end(),
                                  [&](const AttachmentView& one) { return one.listener == entrance.listener; });
  if (found == parent.attachments.end()) return false;
  if (found->state != Attachment::unknown) return found->state == Attachment::attached;
  // The labels of its namespace could not be read: its controller has read them.
  if (word_of(route, parent, path, "Accepted").word != Word::yes) return false;
  const std::vector<std::string> hosts = intersect(listener_view(entrance, path).spec.hostname, {entrance.host}).effective;
  return entrance.host.empty() || std::find(hosts.begin(), hosts.end(), entrance.host) != hosts.end();
}

std::string listener_text(const Entrance& entrance, const Path& path) { return text_of(listener_view(entrance, path)); }

Company company_of(const Entrance& entrance, const Path& path, const Facts& facts) {
  Company out;
  out.alone = is_alone(entrance, path, facts);
  out.known = out.alone;
  if (out.alone) return out;
  const Ref& gateway = path.gateways[entrance.gateway].ref;
  const RouteView& route = path.routes[entrance.route];
  out.table = gateway_table(gateway.ns, gateway.name, route.ref.ns, facts);
  if (out.table == nullptr) return out;
  out.known = true;
  // Without the class it is not known which of the routes its controller refused.
  const auto unread_class = std::find_if(out.table->unread.begin(), out.table->unread.end(),
                                         [](const Unread& one) { return one.wish.kind == Kind::gateway_class; });
  if (unread_class != out.table->unread.end()) {
    out.unread.push_back(*unread_class);
    return out;
  }
  const ListenerView& view = listener_view(entrance, path);
  for (const TableListener& listener : out.table->listeners) {
    if (listener.owner == view.owner && listener.spec.name == view.spec.name) out.listener = &listener;
  }
  const bool same = view.spec.namespaces.from == FromNamespaces::From::same;
  for (const Unread& unread : out.table->unread) {
    // The namespaces that such a listener takes routes from were listed one by one.
    if (same && is_route(unread.wish.kind) && unread.wish.ns.empty()) continue;
    if (is_route(unread.wish.kind) ? matters(unread.wish.kind, route.route->kind) : unread.wish.kind == Kind::name_space)
      out.unread.push_back(unread);
  }
  return out;
}

const GatewayDialect& dialect_of(const Entrance& entrance, const Company& company, const Path& path) {
  if (company.table != nullptr) return company.table->dialect;
  const std::size_t controller = path.gateways[entrance.gateway].controller;
  const Controller* known = controller == no_index ? nullptr : path.controllers[controller].known;
  return gateway_dialect(known == nullptr ? std::string_view() : known->id);
}

std::vector<TableEntry> own_entries(const Entrance& entrance, const Path& path) {
  std::vector<TableEntry> out;
  std::set<std::size_t> seen;
  for (const Entrance& other : path.entrances) {
    if (other.gateway != entrance.gateway || other.listener != entrance.listener || other.host != entrance.host) continue;
    if (!is_attached(other, path) || !seen.insert(other.route).second) continue;
    const std::shared_ptr<const Route> route = path.routes[other.route].route.shared();
    for (std::size_t rule = 0; rule < route->rules.size(); ++rule) {
      for (std::size_t match = 0; match < route->rules[rule].matches.size(); ++match)
        out.push_back({route, rule, match, other.host});
    }
  }
  return out;
}

GatewayTable own_table(std::size_t gateway, const Path& path) {
  const GatewayView& view = path.gateways[gateway];
  GatewayTable out;
  out.gateway = view.ref;
  out.object = view.gateway.shared();
  const Controller* known = view.controller == no_index ? nullptr : path.controllers[view.controller].known;
  out.dialect = gateway_dialect(known == nullptr ? std::string_view() : known->id);
  for (const ListenerView& listener : view.listeners) {
    out.listeners.push_back({listener.spec, listener.owner, listener.status, listener.conflicts.empty(), {}, {}});
  }
  std::set<std::pair<std::size_t, std::string_view>> seen;
  for (const Entrance& entrance : path.entrances) {
    if (entrance.gateway != gateway || !is_attached(entrance, path)) continue;
    if (!seen.emplace(entrance.listener, entrance.host).second) continue;
    std::vector<TableEntry> entries = own_entries(entrance, path);
    std::vector<TableEntry>& all = out.listeners[entrance.listener].entries;
    all.insert(all.end(), entries.begin(), entries.end());
  }
  sort_table(out);
  return out;
}

bool do_the_same(const TableEntry& left, const TableEntry& right, const Facts& facts) {
  const std::vector<BackendRef>& one = left.rule_spec().backends;
  const std::vector<BackendRef>& other = right.rule_spec().backends;
  if (!std::equal(one.begin(), one.end(), other.begin(), other.end(), same_backend)) return false;
  const std::shared_ptr<const Value> left_document = facts.document(left.route->meta.ref);
  const std::shared_ptr<const Value> right_document = facts.document(right.route->meta.ref);
  if (left_document == nullptr || right_document == nullptr) return false;
  return without_conditions(left_document, left.rule_spec().path) == without_conditions(right_document, right.rule_spec().path);
}

bool goes_by_age(const GatewayDialect& dialect) { return dialect.id != "traefik"; }

bool is_settled(const TableEntry& winner, const TableEntry& loser, const GatewayDialect& dialect) {
  const Criterion by = precedence(winner, loser, dialect).by;
  if (by == Criterion::regular_expression) return dialect.regex_known;
  if (by != Criterion::age && by != Criterion::alphabet) return true;
  return goes_by_age(dialect) && winner.route->meta.created && loser.route->meta.created;
}

std::string example_of(const TableEntry& entry, const Entrance& entrance) {
  const std::optional<Request> request =
      example_request(entry.match_spec(), entry.route->kind, entry.hostname, entrance.scheme, entrance.port);
  return request ? request->text() : std::string();
}

std::string rule_text(const TableEntry& entry) { return fmt::format("rule {} of {}", entry.rule, entry.route->meta.ref.text()); }

}  // namespace gwdoctor
