#pragma once
// What the checks of competing routes share: which other routes stand on the listeners of the target, and which of their rules
// take the requests of one of its rules.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chain/router/gateway_table.h"
#include "checks/check.h"

namespace gwdoctor {

// The routes on the listener of one entrance, as far as they are needed.
struct Company {
  std::shared_ptr<const GatewayTable>
      table;                                // of the whole Gateway; nullptr where the target's own routes are alone, or not known
  const TableListener* listener = nullptr;  // in the table
  bool alone = false;                       // no other route is attached to the listener: the list of all routes was spared
  bool known = false;                       // `alone`, or the table was built
  std::vector<Unread> unread;               // lists of routes that may hold others of them
};

// The routes beside the target's own on the listener of an entrance of path.routes[route]. Where the controller counts no more
// attached routes there than the path holds, no list is asked for.
[[nodiscard]] Company company_of(const Entrance& entrance, const Path& path, const Facts& facts);

// The ways of the implementation behind the entrance; those of the spec alone where it is not known.
[[nodiscard]] const GatewayDialect& dialect_of(const Entrance& entrance, const Company& company, const Path& path);

// True where the listener of the entrance takes the route, by the spec or, where that cannot be told, by the word of its
// controller.
[[nodiscard]] bool is_attached(const Entrance& entrance, const Path& path);
// "listener https of Gateway platform-ingress/public-web".
[[nodiscard]] std::string listener_text(const Entrance& entrance, const Path& path);

// The entries of the routes of the path itself on the listener of an entrance, under its hostname.
[[nodiscard]] std::vector<TableEntry> own_entries(const Entrance& entrance, const Path& path);

// The table of one Gateway with the routes of the path alone.
[[nodiscard]] GatewayTable own_table(std::size_t gateway, const Path& path);

// True where the two rules do the same with a request: the same backends, filters and times. `left_document` and `right_document`
// are those of their routes; nullptr is never the same.
[[nodiscard]] bool do_the_same(const TableEntry& left, const TableEntry& right, const Facts& facts);

// Whether the spec and the facts settle which of two entries with the same conditions goes first: not where a route has no
// creation time yet, nor where the place of regular expressions is not known for the implementation.
[[nodiscard]] bool is_settled(const TableEntry& winner, const TableEntry& loser, const GatewayDialect& dialect);
// Implementations that were seen not to go by the age of routes: of two that tie, either may serve.
[[nodiscard]] bool goes_by_age(const GatewayDialect& dialect);

// The request that a rule is asked with, as text for people: "https://shop.example/api"; "" where none can be made up.
[[nodiscard]] std::string example_of(const TableEntry& entry, const Entrance& entrance);
// "rule 1 of HTTPRoute shop/web".
[[nodiscard]] std::string rule_text(const TableEntry& entry);

}  // namespace gwdoctor
