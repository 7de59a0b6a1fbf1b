#include <doctest/doctest.h>

#include "chain/request/request.h"

using namespace gwdoctor;

namespace {

std::string error_of(std::string_view host) {
  const Result<std::string> normal = normal_host(host);
  if (normal) return "taken as " + *normal;
  CHECK(normal.error().kind == ErrorKind::usage);
  return normal.error().message;
}

bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a host is compared in lower case, in ASCII and without its final dot") {
  struct Row {
    std::string host;
    std::string normal;
  };
  for (const Row& row : {Row{"Shop.EXAMPLE", "shop.example"}, Row{"shop.example.", "shop.example"}, Row{"localhost", "localhost"},
                         Row{"b\xC3\xBC"
                             "cher.example",
                             "xn--bcher-kva.example"},
                         Row{"B\xC3\x9C"
                             "CHER.Example",
                             "xn--bcher-kva.example"},
                         // u and a combining diaeresis
                         Row{"bu\xCC\x88"
                             "cher.example",
                             "xn--bcher-kva.example"},
                         Row{"fa\xC3\x9F.example", "xn--fa-hia.example"}, Row{"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
                         // ideographic full stops
                         Row{"\xE4\xBE\x8B\xE3\x80\x82"
                             "example\xE3\x80\x82",
                             "xn--fsq.example"},
                         Row{"my_svc.ns.svc", "my_svc.ns.svc"}, Row{"r3---sn-a.example", "r3---sn-a.example"},
                         Row{"192.0.2.1", "192.0.2.1"}, Row{"192.0.2.1.", "192.0.2.1"}, Row{"[2001:DB8::0:1]", "2001:db8::1"},
                         Row{"2001:db8::1", "2001:db8::1"}, Row{"1.example", "1.example"}}) {
    CAPTURE(row.host);
    CHECK(normal_host(row.host).value_or("refused: " + error_of(row.host)) == row.normal);
  }
}

TEST_CASE("what no host name may be is refused with the reason") {
  struct Row {
    std::string host;
    std::string says;
  };
  const std::string label(63, 'a');
  for (const Row& row :
       {Row{"", "the host is empty"}, Row{".", "an empty label"}, Row{"a..b", "an empty label between dots"},
        Row{".a", "an empty label"}, Row{"a.example..", "an empty label"},
        Row{label + "a.example", "a label of 64 characters, at most 63 are allowed"},
        Row{label + "." + label + "." + label + "." + label, "255 characters long, at most 253 are allowed"},
        Row{"*.example", "not to a wildcard"}, Row{"a b", "a space is in no host name"},
        Row{"a/b", "the character \"/\" is in no host name"}, Row{"a%20b", "is in no host name"},
        Row{"a,b", "is in no host name"}, Row{"a:80", "no IPv6 address"}, Row{"[a]", "no IPv6 address"},
        Row{"[fe80::1%eth0]", "a zone means nothing"}, Row{"127.1", "is no IPv4 address"},
        Row{"0177.0.0.1", "is no IPv4 address"}, Row{"256.0.0.1", "is no IPv4 address"}, Row{"2130706433", "is no IPv4 address"},
        Row{"a\nb", "a control character (0x0a) at byte 2"}, Row{std::string("a\0b", 3), "a control character (0x00)"},
        Row{"\xFF\xFE.example", "no internationalised name"},
        // a full-width solidus, which UTS 46 maps to "/"
        Row{"a\xEF\xBC\x8F"
            "b.example",
            "invalid host"},
        Row{std::string(5000, 'a'), "5000 characters long"}}) {
    CAPTURE(row.host);
    CHECK(has(error_of(row.host), row.says));
  }
  std::string endless;
  for (int i = 0; i < 3000; ++i) endless += "\xC3\xBC";
  CHECK(has(error_of(endless), "6000 bytes long"));
  CHECK_FALSE(has(error_of("joe:hunter2@a"), "hunter2"));
}

TEST_CASE("an address is four decimal parts, or IPv6 without brackets") {
  for (const char* address : {"192.0.2.1", "::1", "2001:db8::1", "::ffff:192.0.2.1"}) CHECK(is_address(address));
  for (const char* name : {"", "shop.example", "[::1]", "192.0.2", "192.0.2.256", "192.0.2.1.", "fe80::1%eth0", "1::2::3"})
    CHECK_FALSE(is_address(name));
  CHECK_FALSE(is_address(std::string(70000, ':')));
  CHECK_FALSE(is_address(std::string_view("::1\0x", 5)));
}
