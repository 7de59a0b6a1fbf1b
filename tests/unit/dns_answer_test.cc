#include <doctest/doctest.h>

#include <random>

#include "net/dns.h"
#include "net/dns_answer.h"

using namespace gwdoctor;

namespace {

std::string number(unsigned value) { return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)}; }

std::string wire(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at);
    out += name.substr(at, dot - at);
    at = dot + 1;
  }
  return out + '\0';
}

std::string record(const std::string& owner, unsigned type, const std::string& data, unsigned ttl = 60, unsigned klass = 1) {
  return owner + number(type) + number(klass) + number(ttl >> 16U) + number(ttl & 0xFFFFU) +
         number(static_cast<unsigned>(data.size())) + data;
}

// A response: recursion desired and available.
std::string message(const std::vector<std::string>& answers, unsigned rcode = 0, unsigned flags = 0x8180) {
  std::string out = number(7) + number(flags | rcode) + number(1) + number(static_cast<unsigned>(answers.size())) + number(0) +
                    number(0) + wire("pay.example") + number(1) + number(1);
  for (const std::string& answer : answers) out += answer;
  return out;
}

DnsFamily family(const std::string& bytes, std::vector<DnsAlias>& aliases, int type = dns_a) {
  const auto decoded = decode_dns(bytes);
  REQUIRE(decoded.has_value());
  return family_of(*decoded, "pay.example", type, aliases);
}

DnsFamily family(const std::string& bytes, int type = dns_a) {
  std::vector<DnsAlias> aliases;
  return family(bytes, aliases, type);
}

const std::string address("\xCB\x00\x71\x0A", 4);  // 203.0.113.10
const std::string to_question("\xC0\x0C", 2);      // a pointer to the name of the question

}  // namespace

TEST_CASE("addresses come with their time to live, compressed names or not") {
  for (const std::string& owner : {wire("PAY.example"), to_question}) {
    const DnsFamily got = family(message({record(owner, 1, address, 300)}));
    CHECK(got.status == DnsStatus::ok);
    REQUIRE(got.addresses.size() == 1);
    CHECK(got.addresses[0].address == "203.0.113.10");
    CHECK(got.addresses[0].ttl == 300);
  }
}

TEST_CASE("a chain of aliases is followed in whatever order it stands") {
  std::vector<DnsAlias> aliases;
  const DnsFamily got =
      family(message({record(wire("c.example"), 1, address), record(wire("b.example"), 5, wire("c.example"), 20),
                      record(to_question, 5, wire("b.example"), 10)}),
             aliases);
  CHECK(got.status == DnsStatus::ok);
  REQUIRE(aliases.size() == 2);
  CHECK(aliases[0].from == "pay.example");
  CHECK(aliases[0].to == "b.example");
  CHECK(aliases[0].ttl == 10);
  CHECK(aliases[1].to == "c.example");
}

TEST_CASE("a chain that ends in a name that does not exist is told with its aliases") {
  std::vector<DnsAlias> aliases;
  const DnsFamily got = family(message({record(to_question, 5, wire("gone.example"))}, 3), aliases);
  CHECK(got.status == DnsStatus::nxdomain);
  CHECK(got.detail == "gone.example does not exist");
  REQUIRE(aliases.size() == 1);
}

TEST_CASE("no such name, no such record and failures are told apart") {
  CHECK(family(message({}, 3)).status == DnsStatus::nxdomain);
  CHECK(family(message({})).status == DnsStatus::empty);
  CHECK(family(message({}), dns_aaaa).detail == "pay.example has no AAAA record");
  CHECK(family(message({}, 2)).status == DnsStatus::servfail);
  CHECK(family(message({}, 5)).status == DnsStatus::refused);
  CHECK(family(message({}, 4)).status == DnsStatus::error);
  CHECK(family(message({}, 4)).detail == "the server answered NOTIMP");
}

TEST_CASE("a server that neither knows the name nor asks others proves nothing") {
  const unsigned referral = 0x8100;
  CHECK(family(message({}, 0, referral)).status == DnsStatus::error);
  const unsigned authoritative = 0x8500;
  CHECK(family(message({}, 0, authoritative)).status == DnsStatus::empty);
  CHECK(family(message({record(to_question, 5, wire("lb.example.net"))}, 0, authoritative)).detail ==
        "the server does not follow the alias to lb.example.net");
}

TEST_CASE("records of other names, types and classes are not the answer") {
  CHECK(family(message({record(wire("other.example"), 1, address)})).status == DnsStatus::empty);
  CHECK(family(message({record(to_question, 16, "\x03txt")})).status == DnsStatus::empty);
  CHECK(family(message({record(to_question, 1, address, 60, 3)})).status == DnsStatus::empty);
  CHECK(family(message({record(to_question, 28, std::string(16, '\1'))})).status == DnsStatus::empty);
}

TEST_CASE("aliases in a circle are an error, not a hang") {
  const std::string bytes =
      message({record(to_question, 5, wire("b.example")), record(wire("b.example"), 5, wire("pay.example"))});
  CHECK(family(bytes).status == DnsStatus::error);
}

TEST_CASE("a time to live with its top bit set is zero") {
  CHECK(family(message({record(to_question, 1, address, 0x80000001U)})).addresses.at(0).ttl == 0);
}

TEST_CASE("names from the network hold nothing that a terminal would act on") {
  std::vector<DnsAlias> aliases;
  std::string hostile = wire("x.example");
  hostile[1] = '\x1b';
  (void)family(message({record(to_question, 5, hostile)}), aliases);
  REQUIRE(aliases.size() == 1);
  CHECK(aliases[0].to == "\\027.example");
}

TEST_CASE("a message that is cut anywhere is refused") {
  const std::string whole = message({record(to_question, 5, wire("b.example")), record(wire("b.example"), 1, address)});
  REQUIRE(decode_dns(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK_FALSE(decode_dns(std::string_view(whole).substr(0, size)).has_value());
  }
}

TEST_CASE("compression that points forward, at itself or out of the message is refused") {
  for (const std::string& pointer : {std::string("\xC0\x1D", 2), std::string("\xC0\x1E", 2), std::string("\xC0\x30", 2),
                                     std::string("\xFF\xFF", 2), std::string("\x41g", 2)}) {
    CHECK_FALSE(decode_dns(message({record(pointer, 1, address)})).has_value());
  }
}

TEST_CASE("a name of pointers to pointers ends, and an overlong one is refused") {
  std::string chain;
  // Each pointer leads two bytes back, over thousands of them.
  std::string data;
  for (unsigned at = 0; at < 4000; ++at) data += number(0xC000U | (at == 0 ? 12U : 40U + 2U * at));
  (void)decode_dns(message({record(to_question, 16, data), record(number(0xC000U | 4000U), 1, address)}));
  std::string endless;
  for (int at = 0; at < 5; ++at) endless += '\x3f' + std::string(63, 'a');
  CHECK_FALSE(decode_dns(message({record(endless + '\0', 1, address)})).has_value());
}

TEST_CASE("an address of the wrong size and a question are no answer") {
  CHECK_FALSE(decode_dns(message({record(to_question, 1, "abc")})).has_value());
  CHECK_FALSE(decode_dns(message({record(to_question, 28, address)})).has_value());
  CHECK_FALSE(decode_dns(message({record(to_question, 5, wire("b.example") + "x")})).has_value());
  CHECK_FALSE(decode_dns(message({}, 0, 0x0100)).has_value());
}

TEST_CASE("random bytes are read without harm") {
  std::mt19937 random(42);
  const std::string whole = message({record(to_question, 5, wire("b.example")), record(wire("b.example"), 1, address)});
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (int change = 0; change < 4; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (const auto decoded = decode_dns(bytes)) {
      std::vector<DnsAlias> aliases;
      (void)family_of(*decoded, "pay.example", dns_a, aliases);
      CHECK(aliases.size() <= 17);
    }
  }
}

TEST_CASE("the address of a DNS server takes a port, and IPv6 takes brackets") {
  CHECK(dns_server_address("10.0.0.53") == "10.0.0.53:53");
  CHECK(dns_server_address("10.0.0.53:5353") == "10.0.0.53:5353");
  CHECK(dns_server_address("2001:db8::1") == "[2001:db8::1]:53");
  CHECK(dns_server_address("[2001:db8::1]") == "[2001:db8::1]:53");
  CHECK(dns_server_address("[2001:db8::1]:5353") == "[2001:db8::1]:5353");
  for (const char* wrong :
       {"", "dns.example", "10.0.0.53:", "10.0.0.53:0", "10.0.0.53:70000", "10.0.0", "[2001:db8::1", "[::1]x", "1.2.3.4,5.6.7.8"})
    CHECK(dns_server_address(wrong).empty());
}
