#pragma once
// What dialects share: hosts, the order of entries and the words for it.

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

// By creationTimestamp, then namespace/name; an object without a time is the youngest.
[[nodiscard]] bool is_older(const Ingress& left, const Ingress& right);
[[nodiscard]] std::string name_of(const Ingress& ingress);  // shop/a

enum class HostRank { exact, wildcard, any };
[[nodiscard]] HostRank host_rank(std::string_view host);
// -1 where the left host goes first: exact before wildcard before none, the longer wildcard first; 0 where neither does.
[[nodiscard]] int compare_hosts(std::string_view left, std::string_view right);
// The virtual host that takes the request, of table.hosts: the exact one, the wildcard, "" for any. `many_labels`: a wildcard
// stands for more than one label, as in Envoy. Nothing where none does.
[[nodiscard]] std::optional<std::string> virtual_host(const IngressTable& table, std::string_view host, bool many_labels = false);
// Adds a host to table.hosts, which stays sorted.
void add_host(IngressTable& table, const std::string& host);

[[nodiscard]] std::string_view type_name(IngressPath::Type type);
// The path of an entry; "/" where it has none.
[[nodiscard]] std::string_view path_of(const IngressEntry& entry);
[[nodiscard]] IngressPath::Type type_of(const IngressEntry& entry);

// Every path of every rule, and every default backend after them, in the order of table.ingresses.
[[nodiscard]] std::vector<IngressEntry> all_entries(const IngressTable& table);
[[nodiscard]] bool same_backend(const IngressEntry& left, const IngressEntry& right);

// Puts the entries into the order of their keys, each worked out once.
template <class KeyOf, class Less = std::less<>>
void sort_by_key(std::vector<IngressEntry>& entries, KeyOf&& key_of, Less less = {}) {
  using Key = std::decay_t<std::invoke_result_t<KeyOf&, const IngressEntry&>>;
  std::vector<std::pair<Key, IngressEntry>> keyed;
  keyed.reserve(entries.size());
  for (IngressEntry& entry : entries) {
    Key key = key_of(entry);
    keyed.emplace_back(std::move(key), std::move(entry));
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [&](const auto& left, const auto& right) { return less(left.first, right.first); });
  std::transform(keyed.begin(), keyed.end(), entries.begin(), [](auto& one) { return std::move(one.second); });
}

// Host, then path by the dialect's shape. Where the dialect chooses a virtual host first, only that host's entries.
[[nodiscard]] IngressDialect::Match match_by_shape(const IngressEntry& entry, const Request& request, std::string_view path,
                                                   const IngressTable& table);
// The path alone, as match_by_shape judges it.
[[nodiscard]] IngressDialect::Match match_path(const IngressEntry& entry, std::string_view path, const IngressTable& table);
// "host a.example is not b.example".
[[nodiscard]] std::string host_failed(std::string_view host, std::string_view wanted);

// Parts of lost_by: "" where the two do not differ in it.
[[nodiscard]] std::string lost_by_host(const IngressEntry& loser, const IngressEntry& winner);
[[nodiscard]] std::string lost_by_default(const IngressEntry& loser, const IngressEntry& winner);
[[nodiscard]] std::string lost_by_length(const IngressEntry& loser, const IngressEntry& winner);
[[nodiscard]] std::string lost_by_type(const IngressEntry& loser, const IngressEntry& winner);
// The last resort: the older Ingress, or the earlier path of the same one.
[[nodiscard]] std::string lost_by_age(const IngressEntry& loser, const IngressEntry& winner);

}  // namespace gwdoctor
