#include "chain/hostname.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gwdoctor;
using Hosts = std::vector<std::string>;

TEST_SUITE("hostname") {
  TEST_CASE("a wildcard is a star, a dot and something after it") {
    CHECK(is_wildcard("*.example.com"));
    CHECK(is_wildcard("*.com"));
    CHECK_FALSE(is_wildcard("example.com"));
    CHECK_FALSE(is_wildcard("*"));
    CHECK_FALSE(is_wildcard("*."));
    CHECK_FALSE(is_wildcard("*example.com"));
    CHECK_FALSE(is_wildcard(""));
  }

  TEST_CASE("a Gateway wildcard covers names of any depth and never the apex") {
    CHECK(covers("*.example.com", "a.example.com"));
    CHECK(covers("*.example.com", "a.b.example.com"));
    CHECK_FALSE(covers("*.example.com", "example.com"));
    CHECK_FALSE(covers("*.example.com", ".example.com"));
    CHECK_FALSE(covers("*.example.com", "badexample.com"));
    CHECK_FALSE(covers("*.example.com", "a.example.org"));
  }

  TEST_CASE("a wildcard covers itself and the wildcards below it, not those above") {
    CHECK(covers("*.example.com", "*.example.com"));
    CHECK(covers("*.example.com", "*.b.example.com"));
    CHECK_FALSE(covers("*.b.example.com", "*.example.com"));
    CHECK_FALSE(covers("a.example.com", "*.example.com"));
  }

  TEST_CASE("an empty pattern covers everything, an empty host is covered by nothing else") {
    CHECK(covers("", "a.example.com"));
    CHECK(covers("", "*.example.com"));
    CHECK(covers("", ""));
    CHECK_FALSE(covers("a.example.com", ""));
    CHECK_FALSE(covers("*.example.com", ""));
  }

  TEST_CASE("case and one final dot do not count") {
    CHECK(covers("Payments.Example.com", "payments.EXAMPLE.com."));
    CHECK(covers("*.EXAMPLE.com", "a.example.com"));
    CHECK(ingress_host_covers("*.EXAMPLE.com", "A.example.com."));
    CHECK_FALSE(covers("example.com", "example.com.."));
  }

  TEST_CASE("a listener for every host serves the route's hostnames") {
    const auto [effective, left_out] = intersect("", {"a.example.com", "*.example.org"});
    CHECK(effective == Hosts{"a.example.com", "*.example.org"});
    CHECK(left_out.empty());
  }

  TEST_CASE("a route without hostnames takes the listener's") {
    CHECK(intersect("*.example.com", {}).effective == Hosts{"*.example.com"});
    CHECK(intersect("A.example.com", {}).effective == Hosts{"a.example.com"});
    CHECK(intersect("", {}).effective == Hosts{""});
  }

  TEST_CASE("the more specific of listener and route is served") {
    CHECK(intersect("*.example.com", {"a.example.com"}).effective == Hosts{"a.example.com"});
    CHECK(intersect("a.example.com", {"*.example.com"}).effective == Hosts{"a.example.com"});
    CHECK(intersect("*.example.com", {"*.b.example.com"}).effective == Hosts{"*.b.example.com"});
    CHECK(intersect("*.b.example.com", {"*.example.com"}).effective == Hosts{"*.b.example.com"});
    CHECK(intersect("*.example.com", {"*.example.com"}).effective == Hosts{"*.example.com"});
  }

  // The example of HTTPRouteSpec.hostnames: a listener for test.example.com, and a route with these two.
  TEST_CASE("hostnames that do not match the listener are left out, the others attach") {
    const auto [effective, left_out] = intersect("test.example.com", {"test.example.com", "Test.Example.NET", "*.example.net"});
    CHECK(effective == Hosts{"test.example.com"});
    CHECK(left_out == Hosts{"test.example.net", "*.example.net"});
  }

  TEST_CASE("the apex of a wildcard listener does not attach") {
    const auto [effective, left_out] = intersect("*.interviewcatalog.example", {"interviewcatalog.example"});
    CHECK(effective.empty());
    CHECK(left_out == Hosts{"interviewcatalog.example"});
  }

  TEST_CASE("a hostname that several of the route's lead to is served once") {
    CHECK(intersect("a.example.com", {"a.example.com", "*.example.com", "A.EXAMPLE.COM"}).effective == Hosts{"a.example.com"});
  }

  TEST_CASE("a name is more specific than a wildcard, a longer one than a shorter, any host comes last") {
    CHECK(more_specific("a.io", "*.very.long.example.com"));
    CHECK_FALSE(more_specific("*.very.long.example.com", "a.io"));
    CHECK(more_specific("*.b.example.com", "*.example.com"));
    CHECK(more_specific("*.com", ""));
    CHECK_FALSE(more_specific("", ""));
    CHECK_FALSE(more_specific("a.example.com", "A.example.com."));
    Hosts hosts{"", "*.example.com", "example.com", "*.b.example.com", "a.b.example.com"};
    std::sort(hosts.begin(), hosts.end(), more_specific);
    CHECK(hosts == Hosts{"a.b.example.com", "example.com", "*.b.example.com", "*.example.com", ""});
  }

  TEST_CASE("an Ingress wildcard covers exactly one label") {
    CHECK(ingress_host_covers("*.example.com", "a.example.com"));
    CHECK_FALSE(ingress_host_covers("*.example.com", "a.b.example.com"));
    CHECK_FALSE(ingress_host_covers("*.example.com", "example.com"));
    CHECK_FALSE(ingress_host_covers("*.example.com", ".example.com"));
    CHECK_FALSE(ingress_host_covers("*.example.com", "example"));
    CHECK_FALSE(ingress_host_covers("*.example.com", "*.b.example.com"));
    CHECK(ingress_host_covers("*.example.com", "*.example.com"));
  }

  TEST_CASE("an Ingress rule without a host serves every host") {
    CHECK(ingress_host_covers("", "a.example.com"));
    CHECK(ingress_host_covers("", ""));
    CHECK_FALSE(ingress_host_covers("a.example.com", ""));
    CHECK(ingress_host_covers("a.example.com", "a.example.com"));
    CHECK_FALSE(ingress_host_covers("a.example.com", "b.example.com"));
  }
}
