#include "kube/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>

#include "kube/clean.h"

namespace gwdoctor {

namespace {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t length = 0;  // 4 or 16
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string copy(text);
  Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.length = 4;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) {
    address.length = 16;
    return address;
  }
  return std::nullopt;
}

bool is_loopback(const Address& address) {
  if (address.length == 4) return address.bytes[0] == 127;
  Address one;
  one.bytes[15] = 1;
  return address.bytes == one.bytes;
}

bool in_block(const Address& address, std::string_view block) {
  const std::size_t slash = block.find('/');
  const std::optional<Address> base = parse_address(block.substr(0, slash));
  if (!base || base->length != address.length) return false;
  std::size_t bits = 0;
  const std::string_view count = block.substr(slash + 1);
  const auto [end, problem] = std::from_chars(count.data(), count.data() + count.size(), bits);
  if (problem != std::errc() || end != count.data() + count.size() || bits > base->length * 8) return false;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if ((address.bytes[bit / 8] & mask) != (base->bytes[bit / 8] & mask)) return false;
  }
  return true;
}

// Splits "host:port", "[v6]:port", or what has no port.
std::pair<std::string_view, std::string_view> split_port(std::string_view entry) {
  if (entry.starts_with('[')) {
    const std::size_t end = entry.find(']');
    if (end == std::string_view::npos) return {entry, {}};
    const std::string_view rest = entry.substr(end + 1);
    return {entry.substr(1, end - 1), rest.starts_with(':') ? rest.substr(1) : std::string_view{}};
  }
  const std::size_t colon = entry.find(':');
  if (colon == std::string_view::npos || entry.find(':', colon + 1) != std::string_view::npos) return {entry, {}};
  return {entry.substr(0, colon), entry.substr(colon + 1)};
}

bool is_excepted(std::string_view entry, std::string_view host, std::string_view port) {
  if (entry == "*") return true;
  const std::optional<Address> address = parse_address(host);
  if (entry.find('/') != std::string_view::npos) return address && in_block(*address, entry);
  auto [name, only_port] = split_port(entry);
  if (!only_port.empty() && only_port != port) return false;
  if (name.empty()) return false;
  if (const std::optional<Address> listed = parse_address(name)) {
    return address && listed->length == address->length && listed->bytes == address->bytes;
  }
  if (name.starts_with("*.")) name.remove_prefix(1);
  if (name.starts_with('.')) return host.ends_with(name);
  return host == name || (host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
}

std::string for_curl(std::string_view url) {
  if (url.starts_with("socks5://")) return "socks5h://" + std::string(url.substr(9));
  if (url.find("://") == std::string_view::npos) return "http://" + std::string(url);
  return std::string(url);
}

}  // namespace

std::string proxy_from_environment(bool tls, std::string_view host, std::string_view port, const Environment& environment) {
  const auto either = [&](const char* upper, const char* small) {
    const std::string value = environment.variable(upper);
    return value.empty() ? environment.variable(small) : value;
  };
  const std::string proxy = tls ? either("HTTPS_PROXY", "https_proxy") : either("HTTP_PROXY", "http_proxy");
  if (proxy.empty()) return {};
  const std::string name = lower(host);
  const std::optional<Address> address = parse_address(name);
  if (name == "localhost" || (address && is_loopback(*address))) return {};
  const std::string excepted = lower(either("NO_PROXY", "no_proxy"));
  std::string_view rest = excepted;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view entry = trimmed(rest.substr(0, comma));
    if (!entry.empty() && is_excepted(entry, name, port)) return {};
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return for_curl(proxy);
}

Result<std::string> proxy_of_kubeconfig(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://", "socks5://"}) {
    if (lower(url).starts_with(scheme) && url.size() > scheme.size()) return for_curl(url);
  }
  return fail(ErrorKind::input,
              "proxy-url \"" + proxy_for_people(url) + "\": expected http://, https:// or socks5:// and a host");
}

std::string proxy_for_people(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find('/', start), url.size());
  const std::string_view authority = url.substr(start, end - start);
  const std::size_t at = authority.rfind('@');
  return clean_line(
      std::string(url.substr(0, start)) + std::string(at == std::string_view::npos ? authority : authority.substr(at + 1)), 120);
}

}  // namespace gwdoctor
