#pragma once
// Looks a request up in a table, and tells what became of the other candidates. Internal to chain/router/.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/router/gateway_table.h"
#include "chain/router/match.h"

namespace gwdoctor {

// An entry of a table by its place in it.
struct EntryAt {
  std::size_t listener = 0;
  std::size_t entry = 0;
  friend bool operator==(const EntryAt&, const EntryAt&) = default;
};

struct TableLookup {
  std::optional<EntryAt> winner;
  std::vector<EntryAt> matched;   // all whose conditions are met, the winner among them, in the order in which they are tried
  std::optional<EntryAt> unsure;  // the first before the winner whose conditions cannot be judged
  bool host_served = false;       // some entry is for the host
};
// `listeners`: those that are tried, in order. `path` as the data plane matches it.
[[nodiscard]] TableLookup look_up(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
                                  const GatewayTable& table);
// The hostname of the virtual host that takes requests for `host`: the most specific one under which these listeners serve any
// rule. Nothing where there is none.
[[nodiscard]] std::optional<std::string> served_hostname(std::string_view host, const std::vector<std::size_t>& listeners,
                                                         const GatewayTable& table);
// Those that matched and lost, in order; then the nearest of the others, at most `nearest_candidates`.
[[nodiscard]] std::vector<Candidate> account(const Request& request, std::string_view path,
                                             const std::vector<std::size_t>& listeners, const TableLookup& lookup,
                                             const GatewayTable& table);
// The same where a stream is meant: the routes of the listeners that did not take it.
[[nodiscard]] std::vector<Candidate> account_streams(const Request& request, const Route* winner,
                                                     const std::vector<std::size_t>& listeners, const GatewayTable& table);
inline constexpr std::size_t nearest_candidates = 20;
inline constexpr std::size_t matched_candidates = 1000;

// Fills the outcome of a stream (TLSRoute, TCPRoute, UDPRoute) at this listener.
const Route* trace_stream(const Request& request, std::size_t listener, const GatewayTable& table, Outcome& out);

}  // namespace gwdoctor
