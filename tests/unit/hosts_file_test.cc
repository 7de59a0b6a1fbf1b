#include <doctest/doctest.h>

#include "net/hosts_file.h"

using namespace gwdoctor;

TEST_CASE("a name is found in whatever column and case it stands") {
  const HostsEntry entry =
      find_in_hosts("# own\n127.0.0.1 localhost\n10.0.0.9\tShop.Example  pay.example # test\n", "PAY.example.");
  CHECK(entry.line == "10.0.0.9 Shop.Example pay.example");
  CHECK(entry.addresses == std::vector<std::string>{"10.0.0.9"});
}

TEST_CASE("addresses of several lines add up, the first line is quoted") {
  const HostsEntry entry = find_in_hosts("10.0.0.9 pay.example\n::1 pay.example\r\n", "pay.example");
  CHECK(entry.line == "10.0.0.9 pay.example");
  CHECK(entry.addresses == std::vector<std::string>{"10.0.0.9", "::1"});
}

TEST_CASE("comments, other names and lines without an address say nothing") {
  for (const char* text : {"", "# 10.0.0.9 pay.example", "10.0.0.9 # pay.example", "10.0.0.9 notpay.example",
                           "pay.example 10.0.0.9", "10.0.0 pay.example", "10.0.0.9"}) {
    INFO(text);
    CHECK(find_in_hosts(text, "pay.example").line.empty());
  }
}

TEST_CASE("what stands in the file cannot act on a terminal") {
  CHECK(find_in_hosts("10.0.0.9 pay.example \x1b[2J", "pay.example").line.find('\x1b') == std::string::npos);
}

TEST_CASE("a file that cannot be read is an empty one") { CHECK(read_hosts_file("/nonexistent/hosts").empty()); }
