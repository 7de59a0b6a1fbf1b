#include "net/dns_answer.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kube/ascii.h"
#include "kube/clean.h"

namespace gwdoctor {

namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t max_name = 255;
constexpr std::size_t max_chain = 16;
constexpr int class_internet = 1;

// Reads big-endian numbers and names; `good` turns false at the first thing that is not there.
class Reader {
 public:
  Reader(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  std::uint32_t number(std::size_t size) {
    std::uint32_t out = 0;
    if (!take(size)) return 0;
    for (std::size_t index = at_ - size; index < at_; ++index) out = (out << 8U) | byte(index);
    return out;
  }

  std::string_view raw(std::size_t size) { return take(size) ? bytes_.substr(at_ - size, size) : std::string_view(); }

  // A compressed name (RFC 1035, 4.1.4). Each pointer must lead to before what it continues, so that no name is endless.
  std::string name() {
    std::string out;
    std::size_t at = at_;
    std::size_t floor = at_;
    std::size_t length = 0;
    bool jumped = false;
    while (good_) {
      if (at >= bytes_.size()) return fail();
      const std::uint32_t size = byte(at);
      if ((size & 0xC0U) == 0xC0U) {
        if (at + 1 >= bytes_.size()) return fail();
        const std::size_t target = ((size & 0x3FU) << 8U) | byte(at + 1);
        if (!jumped) at_ = at + 2;
        jumped = true;
        if (target >= floor) return fail();
        floor = target;
        at = target;
        continue;
      }
      if ((size & 0xC0U) != 0) return fail();
      if (size == 0) {
        if (!jumped) at_ = at + 1;
        return out;
      }
      length += size + 1;
      if (length >= max_name || at + 1 + size > bytes_.size()) return fail();
      append(out, bytes_.substr(at + 1, size));
      at += 1 + size;
    }
    return out;
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  [[nodiscard]] std::uint32_t byte(std::size_t index) const { return static_cast<unsigned char>(bytes_[index]); }
  bool take(std::size_t size) {
    if (!good_ || size > bytes_.size() - at_) return good_ = false;
    at_ += size;
    return true;
  }
  std::string fail() {
    good_ = false;
    return {};
  }
  static void append(std::string& out, std::string_view label) {
    if (!out.empty()) out += '.';
    for (const char letter : label) {
      const auto value = static_cast<unsigned char>(letter);
      if (value <= 0x20 || value >= 0x7f || letter == '.' || letter == '\\') {
        out += fmt::format("\\{:03}", value);
      } else {
        out += lower_case(letter);
      }
    }
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

std::string address_of(std::string_view bytes, int family) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? std::string() : std::string(text.data());
}

// Adds the record where it is one that is read; false where it is broken.
bool read_record(std::string_view bytes, Reader& reader, DnsMessage& message) {
  DnsRecord record;
  record.name = reader.name();
  record.type = static_cast<int>(reader.number(2));
  const auto klass = static_cast<int>(reader.number(2));
  record.ttl = reader.number(4);
  // RFC 2181, section 8: the top bit set means zero.
  if ((record.ttl & 0x80000000U) != 0) record.ttl = 0;
  const std::size_t size = reader.number(2);
  const std::size_t begin = reader.at();
  const std::string_view data = reader.raw(size);
  if (!reader.good()) return false;
  if (klass != class_internet) return true;
  if (record.type == dns_a || record.type == dns_aaaa) {
    if (size != (record.type == dns_a ? 4U : 16U)) return false;
    record.data = address_of(data, record.type == dns_a ? AF_INET : AF_INET6);
  } else if (record.type == dns_cname) {
    Reader inner(bytes, begin);
    record.data = inner.name();
    if (!inner.good() || inner.at() != begin + size) return false;
  } else {
    return true;
  }
  message.answers.push_back(std::move(record));
  return true;
}

std::string rcode_text(int rcode) {
  constexpr std::array<std::string_view, 11> names{"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                                   "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};
  const auto at = static_cast<std::size_t>(rcode);
  return at < names.size() ? std::string(names[at]) : "response code " + std::to_string(rcode);
}

DnsFamily failure(DnsStatus status, const std::string& detail) { return {status, {}, clean_line(detail, 200)}; }

DnsFamily of_rcode(int rcode) {
  switch (rcode) {
    case 2:
      return failure(DnsStatus::servfail, "the server answered SERVFAIL");
    case 5:
      return failure(DnsStatus::refused, "the server answered REFUSED");
    default:
      return failure(DnsStatus::error, "the server answered " + rcode_text(rcode));
  }
}

}  // namespace

std::optional<DnsMessage> decode_dns(std::string_view bytes) {
  if (bytes.size() < header_size) return std::nullopt;
  Reader header(bytes, 2);
  const std::uint32_t flags = header.number(2);
  const std::uint32_t questions = header.number(2);
  const std::uint32_t answers = header.number(2);
  // QR: a question is no answer.
  if ((flags & 0x8000U) == 0) return std::nullopt;
  DnsMessage message;
  message.authoritative = (flags & 0x0400U) != 0;
  message.truncated = (flags & 0x0200U) != 0;
  message.recursion_available = (flags & 0x0080U) != 0;
  message.rcode = static_cast<int>(flags & 0x000FU);
  Reader reader(bytes, header_size);
  for (std::uint32_t at = 0; at < questions && reader.good(); ++at) {
    (void)reader.name();
    (void)reader.number(4);
  }
  for (std::uint32_t at = 0; at < answers && reader.good(); ++at) {
    if (!read_record(bytes, reader, message)) return std::nullopt;
  }
  return reader.good() ? std::optional<DnsMessage>(std::move(message)) : std::nullopt;
}

DnsFamily family_of(const DnsMessage& message, std::string_view name, int type, std::vector<DnsAlias>& aliases) {
  constexpr int nxdomain = 3;
  aliases.clear();
  if (message.rcode != 0 && message.rcode != nxdomain) return of_rcode(message.rcode);
  std::string at(name);
  for (bool moved = true; moved;) {
    moved = false;
    for (const DnsRecord& record : message.answers) {
      if (record.type != dns_cname || record.name != at) continue;
      aliases.push_back({at, record.data, record.ttl});
      at = record.data;
      moved = true;
      break;
    }
    if (aliases.size() > max_chain) return failure(DnsStatus::error, "its aliases lead in a circle, or too far");
  }
  if (message.rcode == nxdomain) return failure(DnsStatus::nxdomain, at + " does not exist");
  DnsFamily out;
  for (const DnsRecord& record : message.answers) {
    if (record.type == type && record.name == at) out.addresses.push_back({record.data, record.ttl});
  }
  if (!out.addresses.empty()) {
    out.status = DnsStatus::ok;
    return out;
  }
  if (!message.recursion_available && !aliases.empty())
    return failure(DnsStatus::error, "the server does not follow the alias to " + at);
  if (!message.recursion_available && !message.authoritative)
    return failure(DnsStatus::error, "the server is not responsible for the name, and asks no other");
  return failure(DnsStatus::empty, at + " has no " + (type == dns_a ? "A" : "AAAA") + " record");
}

}  // namespace gwdoctor
