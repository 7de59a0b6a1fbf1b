#pragma once
// Which entry of a listener's table takes every request that another one should get.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/support/routing.h"

namespace gwdoctor {

// The entries that stand on one listener under one hostname, by what they match, so that one is compared with few.
class Rivals {
 public:
  Rivals(std::vector<TableEntry> entries, const GatewayDialect& dialect);

  // The first entry that goes before `entry` and takes all that it matches, unless it belongs to the same rule: then that rule
  // serves the request all the same. Nothing where none does, or where it is not known which of the two goes first.
  [[nodiscard]] const TableEntry* winner_over(const TableEntry& entry) const;
  [[nodiscard]] const GatewayDialect& dialect() const { return *dialect_; }

 private:
  std::vector<TableEntry> entries_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_condition_;  // into entries_
  std::vector<std::size_t> expressions_;                                       // entries with a RegularExpression
  const GatewayDialect* dialect_;
};

// Every entry under the hostname of an entrance of a route of the path: its own, and those of the company that are of its kind.
[[nodiscard]] Rivals rivals_of(const Entrance& entrance, const Company& company, const Path& path);

}  // namespace gwdoctor
