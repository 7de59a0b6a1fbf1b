#include <doctest/doctest.h>

#include "cmd/parse.h"

using namespace gwdoctor;

namespace {

using Kinds = std::set<ProbeKind>;

Result<Options> parse(std::vector<std::string> words) {
  words.insert(words.begin(), {"route", "a"});
  return parse_command_line(words);
}

ProbeFlags flags(std::vector<std::string> words) {
  const Result<Options> options = parse(std::move(words));
  REQUIRE(options.has_value());
  return options->probe;
}

std::string complaint(std::vector<std::string> words) {
  const Result<Options> options = parse(std::move(words));
  REQUIRE_FALSE(options.has_value());
  CHECK(options.error().kind == ErrorKind::usage);
  return options.error().message;
}

}  // namespace

TEST_CASE("without --probe the choice is left to where the facts come from") {
  CHECK_FALSE(flags({}).kinds.has_value());
  CHECK(flags({}).timeout == std::chrono::milliseconds(2000));
}

TEST_CASE("probes are named in one list or in several") {
  CHECK(flags({"--probe", "none"}).kinds == Kinds{});
  CHECK(flags({"--probe", "dns,tls"}).kinds == Kinds{ProbeKind::dns, ProbeKind::tls});
  CHECK(flags({"--probe=dns", "--probe", "http=/healthz,service"}).kinds ==
        Kinds{ProbeKind::dns, ProbeKind::http, ProbeKind::service});
  CHECK(flags({"--probe", "http=/healthz"}).path == "/healthz");
  CHECK(flags({"--probe", "http"}).path == "/");
}

TEST_CASE("a probe that does not exist, or a path that is none, is refused") {
  CHECK(complaint({"--probe", "icmp"}).starts_with("error: invalid --probe \"icmp\", expected none or any of: dns"));
  CHECK(complaint({"--probe", "none,dns"}).starts_with("error: --probe none cannot be combined"));
  CHECK(complaint({"--probe", "tcp=/x"}).find("only http takes a path") != std::string::npos);
  CHECK(complaint({"--probe", "http=x"}).find("begins with /") != std::string::npos);
  CHECK(complaint({"--probe", "http=/a b"}).find("percent-encoded") != std::string::npos);
}

TEST_CASE("DNS servers may be repeated and must be addresses") {
  CHECK(flags({"--dns-server", "10.0.0.53", "--dns-server", "[2001:db8::1]:5353"}).dns_servers ==
        std::vector<std::string>{"10.0.0.53", "[2001:db8::1]:5353"});
  CHECK(
      complaint({"--dns-server", "dns.example"}).starts_with("error: invalid --dns-server \"dns.example\", expected an address"));
}

TEST_CASE("the time for a probe is a duration of at most a minute") {
  CHECK(flags({"--probe-timeout", "500ms"}).timeout == std::chrono::milliseconds(500));
  CHECK(flags({"--probe-timeout", "3"}).timeout == std::chrono::milliseconds(3000));
  CHECK(flags({"--probe-timeout", "1m"}).timeout == std::chrono::milliseconds(60000));
  for (const char* wrong : {"0s", "-1s", "2m", "x", "2 s", "99999999999s", "2147483647m"})
    CHECK(complaint({std::string("--probe-timeout=") + wrong}).starts_with("error: invalid --probe-timeout"));
}

TEST_CASE("--public and --ca-file are taken as they are") {
  const ProbeFlags got = flags({"--public", "--ca-file", "/ca.pem"});
  CHECK(got.public_view);
  CHECK(got.ca_file == "/ca.pem");
}
