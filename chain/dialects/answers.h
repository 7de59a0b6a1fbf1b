#pragma once
// Fills outcomes: what dialects share.

#include <cstdint>
#include <string>
#include <string_view>

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

// The entry, its Ingress and its field, without an action.
void name_entry(const IngressEntry& entry, Outcome& out);
// Forwarded to the entry's backend alone; the backend sees `path` and the query as it came.
void forward_to(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out);
// Of candidates that matched so many are told.
inline constexpr std::size_t most_matched = 50;
// Those that did not: the nearest first, and no more than anybody reads.
void keep_nearest(std::vector<Candidate>& candidates);
[[nodiscard]] TracedBackend backend_of(const IngressEntry& entry);
// What holds for every request of the table: a path that data planes read differently, a port that is not usual.
void note_request(const Request& request, std::string_view path, const IngressTable& table, Outcome& out);
// "/a?x=1".
[[nodiscard]] std::string with_query(std::string_view path, const Request& request);
// The port that a client names in a Host header: "" for the scheme's own, else ":8443".
[[nodiscard]] std::string port_suffix(std::string_view scheme, std::int64_t port);

// Answered with a Location; `reason` tells by which setting.
void redirect(std::int64_t status, std::string_view scheme, std::string_view host, std::int64_t port,
              std::string_view path_and_query, std::string reason, Outcome& out);
// The same for a URL that somebody wrote: absolute, or a path of the same host.
void redirect_to_url(std::int64_t status, std::string_view url, const Request& request, std::string reason, Outcome& out);
// To https on its own port, with the path and query as they came.
void redirect_to_https(std::int64_t status, const Request& request, std::string reason, Outcome& out);

// "path /api (Prefix) of Ingress shop/web", "the default backend of Ingress shop/web".
[[nodiscard]] std::string entry_words(const IngressEntry& entry);
// True where some entry of spec.tls is for the host.
[[nodiscard]] bool tls_covers(const Ingress& ingress, std::string_view host);

}  // namespace gwdoctor
