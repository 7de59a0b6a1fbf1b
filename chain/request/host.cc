#include <arpa/inet.h>
#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "chain/request/refusal.h"
#include "chain/request/request.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// A name of 253 characters in its ASCII form has no more code points than that before.
constexpr std::size_t longest_unicode_host = 1024;
constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_label = 63;

struct FreeIdn {
  void operator()(char* text) const { idn2_free(text); }
};

tl::unexpected<Error> bad_host(std::string_view host, std::string_view why) {
  // What stands before an @ may be a password.
  const std::string name = host.find('@') == std::string_view::npos ? quoted(host) : "with a user name";
  return fail(ErrorKind::usage, fmt::format("invalid host {}: {}", name, why));
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

// The address as inet_ntop writes it, which is RFC 5952's form; "" for what is no address.
std::string address_text(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_pton(family, host.c_str(), address.data()) != 1) return {};
  if (inet_ntop(family, address.data(), text.data(), text.size()) == nullptr) return {};
  return text.data();
}

Result<std::string> to_ascii(std::string_view host) {
  if (is_ascii(host)) return lower_case(host);
  if (host.size() > longest_unicode_host) return bad_host(host, fmt::format("{} bytes long", host.size()));
  char* raw = nullptr;
  const std::string copy(host);
  // IDN2_NONTRANSITIONAL is UTS 46 as browsers apply it: ß and final sigma stay.
  const int code = idn2_to_ascii_8z(copy.c_str(), &raw, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, FreeIdn> ascii(raw);
  if (code != IDN2_OK || !ascii) return bad_host(host, fmt::format("no internationalised name ({})", idn2_strerror(code)));
  return lower_case(ascii.get());
}

std::string label_complaint(std::string_view label) {
  if (label.empty()) return "an empty label between dots";
  if (label.size() > longest_label)
    return fmt::format("a label of {} characters, at most {} are allowed", label.size(), longest_label);
  for (const char c : label) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') continue;
    if (c == '*') return "a request goes to one host, not to a wildcard";
    if (c == ' ') return "a space is in no host name";
    return fmt::format("the character {} is in no host name", quoted(std::string_view(&c, 1)));
  }
  return {};
}

// RFC 1035, 2.3.4; underscores are no part of a host name by RFC 1123 and are used all the same.
std::string name_complaint(std::string_view name) {
  if (name.size() > longest_host) return fmt::format("{} characters long, at most {} are allowed", name.size(), longest_host);
  std::string_view label;
  for (std::size_t at = 0; at <= name.size(); at += label.size() + 1) {
    label = name.substr(at, name.find('.', at) - at);
    if (std::string complaint = label_complaint(label); !complaint.empty()) return complaint;
  }
  const bool numeric = std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
  // Short and octal forms of IPv4 addresses: some clients take them for addresses, others for names.
  return numeric ? "it ends in a number and is no IPv4 address in four decimal parts" : "";
}

}  // namespace

bool is_address(std::string_view host) {
  if (host.empty() || host.size() > INET6_ADDRSTRLEN || host.find('\0') != std::string_view::npos) return false;
  const std::string copy(host);
  return !address_text(AF_INET, copy).empty() || !address_text(AF_INET6, copy).empty();
}

Result<std::string> normal_host(std::string_view host) {
  const std::string_view given = host;
  if (host.empty()) return fail(ErrorKind::usage, "the host is empty");
  if (const Result<void> clean = check_word("the host", host); !clean)
    return fail(ErrorKind::usage, clean.error().message.substr(std::string_view("error: ").size()));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed || host.find(':') != std::string_view::npos) {
    if (host.find('%') != std::string_view::npos) return bad_host(given, "a zone means nothing to another machine");
    std::string address = host.size() > INET6_ADDRSTRLEN ? std::string() : address_text(AF_INET6, std::string(host));
    if (address.empty()) return bad_host(given, "no IPv6 address");
    return address;
  }
  Result<std::string> name = to_ascii(host);
  if (!name) return name;
  if (name->ends_with('.')) name->pop_back();
  if (is_address(*name)) return name;
  if (const std::string complaint = name_complaint(*name); !complaint.empty()) return bad_host(given, complaint);
  return name;
}

}  // namespace gwdoctor
