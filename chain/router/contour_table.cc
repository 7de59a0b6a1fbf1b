// Which rules Contour 1.33 leaves out of the tables of a Gateway.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "chain/hostname.h"
#include "chain/router/attached.h"
#include "chain/router/contour.h"
#include "chain/router/match.h"

namespace gwdoctor {

namespace {

// The entries of one rule of one route at one listener.
struct Group {
  const Route* route = nullptr;
  std::size_t rule = 0;
  std::size_t listener = 0;
  std::vector<TableEntry*> entries;
};

// What makes a match the same as another: the values as they are written, in their order.
std::string key_of(const TableEntry& entry) {
  const RouteMatch& match = entry.match_spec();
  std::string key = fmt::format("{}\n{}\n{}", path_type(match), path_value(match), match.method);
  const auto add = [&](const ValueMatch& one) {
    key += fmt::format("\n{}\n{}\n{}", one.name, one.type.empty() ? "Exact" : one.type, one.value);
  };
  std::for_each(match.headers.begin(), match.headers.end(), add);
  key += "\n?";
  if (!is_redirect_rule(entry.rule_spec())) std::for_each(match.query.begin(), match.query.end(), add);
  return key;
}

class Compiling {
 public:
  explicit Compiling(GatewayTable& table) : table_(table) {}

  void run() {
    collect();
    for (Group& group : groups_) {
      const RouteRule& rule = group.entries.front()->rule_spec();
      if (rule.backends.empty() && !is_redirect_rule(rule)) {
        leave_out(group,
                  fmt::format("rule {} has no backendRefs: {} serves no such rule, where the Gateway API has it answer 500",
                              group.rule, who()));
      } else {
        add(group);
      }
    }
  }

 private:
  struct There {
    const Group* group;
    const TableEntry* entry;
  };

  std::string who() const { return fmt::format("{} {}", table_.dialect.name, table_.dialect.version); }

  // The oldest route first, its listeners in their order.
  void collect() {
    std::map<std::tuple<const Route*, std::size_t, std::size_t>, std::size_t> index;
    for (std::size_t listener = 0; listener < table_.listeners.size(); ++listener) {
      for (TableEntry& entry : table_.listeners[listener].entries) {
        if (entry.route->kind != Kind::http_route) continue;
        const auto [found, added] = index.emplace(std::tuple(entry.route.get(), listener, entry.rule), groups_.size());
        if (added) groups_.push_back({entry.route.get(), entry.rule, listener, {}});
        groups_[found->second].entries.push_back(&entry);
      }
    }
    std::sort(groups_.begin(), groups_.end(), [](const Group& left, const Group& right) {
      if (left.route != right.route) return is_older(left.route->meta, right.route->meta);
      return std::tie(left.listener, left.rule) < std::tie(right.listener, right.rule);
    });
  }

  std::string place(const Group& group, const TableEntry& entry) const {
    return fmt::format("{} {}\n{}", table_.listeners[group.listener].spec.port, entry.hostname, key_of(entry));
  }

  void add(Group& group) {
    if (!table_.listeners[group.listener].usable) return;
    for (const TableEntry* entry : group.entries) {
      const auto found = there_.find(place(group, *entry));
      if (found == there_.end()) continue;
      return found->second.group->route == group.route && found->second.group->rule == group.rule
                 ? twice(group, *found->second.group)
                 : conflict(group, *entry, *found->second.entry);
    }
    for (const TableEntry* entry : group.entries) there_.emplace(place(group, *entry), There{&group, entry});
  }

  void conflict(Group& group, const TableEntry& entry, const TableEntry& other) {
    const std::string whose = other.route == entry.route
                                  ? fmt::format("rule {} of the same route", other.rule)
                                  : fmt::format("rule {} of the older {}", other.rule, other.route->meta.ref.text());
    const std::string where = entry.hostname.empty() ? "any host" : entry.hostname;
    leave_out(
        group,
        fmt::format("rule {} is left out whole: its match {} is there already for {}, by {}; {} drops all of such a rule, where "
                    "the Gateway API gives that one match to the older",
                    group.rule, entry.match, where, whose, who()));
  }

  // One rule at two listeners of a port: whichever Contour comes to first is taken, and the other is dropped as its twin.
  void twice(Group& group, const Group& other) {
    const auto hosts = [](const Group& of) {
      std::set<std::string> out;
      for (const TableEntry* entry : of.entries) out.insert(entry->hostname);
      return out;
    };
    const std::set<std::string> mine = hosts(group);
    const std::set<std::string> theirs = hosts(other);
    const std::string why =
        fmt::format("its route is attached to {} and {} of one port with other hostnames, and {} serves it under those of either",
                    listener_text(table_.listeners[other.listener]), listener_text(table_.listeners[group.listener]), who());
    const auto mark = [&](const Group& of, const std::set<std::string>& rest) {
      for (TableEntry* entry : of.entries) {
        if (!rest.contains(entry->hostname)) entry->by_chance = why;
      }
    };
    mark(group, theirs);
    mark(other, mine);
    // Of two that are one rule under one hostname, that at the more specific listener is told of.
    const bool mine_first =
        more_specific(table_.listeners[group.listener].spec.hostname, table_.listeners[other.listener].spec.hostname);
    const Group& kept = mine_first ? group : other;
    for (TableEntry* entry : (mine_first ? other : group).entries) {
      if (entry->by_chance.empty())
        entry->unserved = fmt::format("the same rule at {}", listener_text(table_.listeners[kept.listener]));
    }
  }

  static void leave_out(Group& group, const std::string& why) {
    for (TableEntry* entry : group.entries) entry->unserved = why;
  }

  GatewayTable& table_;
  std::vector<Group> groups_;
  std::map<std::string, There> there_;
};

}  // namespace

void contour_compile(GatewayTable& table) { Compiling(table).run(); }

}  // namespace gwdoctor
