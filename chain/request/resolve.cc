#include "chain/request/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/request/refusal.h"
#include "chain/request/request.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_entries = 10000;

struct Entry {
  std::string host;  // normal form, or "*"
  std::int64_t port = 0;
  std::string address;
};

tl::unexpected<Error> refuse_form(std::string_view word) {
  return refuse(fmt::format("invalid --resolve {}, expected HOST:PORT:ADDR", quoted(word)));
}

Result<Entry> parse_entry(std::string_view word) {
  if (const Result<void> clean = check_word("--resolve", word); !clean) return tl::unexpected(clean.error());
  // "+" lets curl's entry time out, which means nothing here.
  const std::string_view text = word.starts_with('+') ? word.substr(1) : word;
  const std::size_t host_end = text.starts_with('[') ? text.find(']') + 1 : text.find(':');
  if (host_end == 0 || host_end >= text.size() || text[host_end] != ':') return refuse_form(word);
  const std::size_t port_end = text.find(':', host_end + 1);
  if (port_end == std::string_view::npos) return refuse_form(word);

  Entry entry;
  const Result<std::int64_t> port = parse_port("--resolve", text.substr(host_end + 1, port_end - host_end - 1));
  if (!port) return tl::unexpected(port.error());
  entry.port = *port;
  const std::string_view host = text.substr(0, host_end);
  const Result<std::string> name = host == "*" ? Result<std::string>("*") : normal_host(host);
  if (!name) return refuse("--resolve: " + name.error().message);
  entry.host = *name;
  // curl takes a list of addresses; one request goes to the first.
  const std::string_view address = text.substr(port_end + 1, text.find(',', port_end) - port_end - 1);
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (!is_address(bracketed ? address.substr(1, address.size() - 2) : address))
    return refuse(
        fmt::format("invalid address {} in --resolve, expected an IPv4 address or an IPv6 address in brackets", quoted(address)));
  entry.address = normal_host(address).value_or(std::string(address));
  return entry;
}

}  // namespace

Result<std::optional<std::string>> resolved(const std::vector<std::string>& words, std::string_view host, std::int64_t port) {
  if (words.size() > most_entries)
    return refuse(fmt::format("--resolve is given {} times, at most {} are taken", words.size(), most_entries));
  std::optional<std::string> named;
  std::optional<std::string> any;
  for (const std::string& word : words) {
    Result<Entry> entry = parse_entry(word);
    if (!entry) return tl::unexpected(entry.error());
    if (entry->port != port) continue;
    if (entry->host == host)
      named = std::move(entry->address);
    else if (entry->host == "*")
      any = std::move(entry->address);
  }
  return named ? named : any;
}

}  // namespace gwdoctor
