#include "cmd/parse.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

using Words = std::vector<std::string>;

Options parsed(const Words& words) {
  const Result<Options> options = parse_command_line(words);
  REQUIRE_MESSAGE(options.has_value(), (options ? std::string() : options.error().message));
  return *options;
}

std::string error_of(const Words& words) {
  const Result<Options> options = parse_command_line(words);
  if (options.has_value()) return {};
  CHECK(options.error().kind == ErrorKind::usage);
  return options.error().message;
}

bool says(const Words& words, std::string_view text) {
  const std::string message = error_of(words);
  CAPTURE(message);
  CHECK(message.starts_with("error: "));
  return message.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a command and a name are enough") {
  const Options options = parsed({"route", "cart"});
  CHECK(options.command == Command::route);
  CHECK(options.names == Words{"cart"});
  CHECK(options.format == Format::text);
  CHECK(options.fail_on == FailOn::error);
  CHECK(options.expiry_warning == Seconds(21 * 86400));
  CHECK(parsed({"ingress", "cart"}).command == Command::ingress);
  CHECK(parsed({"gateway", "cart"}).command == Command::gateway);
  CHECK(parsed({"service", "cart"}).command == Command::service);
  CHECK(parsed({"route", "grpcroute/cart"}).names == Words{"grpcroute/cart"});
}

TEST_CASE("flags may stand before and after the command and the name") {
  for (const Words& words : {Words{"-n", "shop", "route", "cart"}, Words{"route", "-n", "shop", "cart"},
                             Words{"route", "cart", "-n", "shop"}, Words{"route", "cart", "--namespace=shop"},
                             Words{"--namespace", "shop", "route", "cart"}, Words{"route", "cart", "-nshop"}}) {
    const Options options = parsed(words);
    CHECK(options.command == Command::route);
    CHECK(options.names == Words{"cart"});
    CHECK(options.connection.ns == "shop");
  }
}

TEST_CASE("verbosity is taken in every form that kubectl takes") {
  for (const Words& words :
       {Words{"route", "cart", "-v=6"}, Words{"route", "cart", "-v", "6"}, Words{"route", "cart", "-v6"},
        Words{"route", "cart", "--v=6"}, Words{"route", "cart", "--v", "6"}, Words{"-v=6", "route", "cart"}}) {
    CHECK(parsed(words).verbosity == 6);
  }
  CHECK_FALSE(error_of({"route", "cart", "-v=loud"}).empty());
}

TEST_CASE("short flags with a value take it after = as well") {
  CHECK(parsed({"route", "cart", "-o=json"}).format == Format::json);
  CHECK(parsed({"route", "cart", "-ojson"}).format == Format::json);
  CHECK(parsed({"route", "cart", "-n=shop"}).connection.ns == "shop");
  CHECK(parsed({"route", "--", "-n=shop"}).names == Words{"-n=shop"});
}

TEST_CASE("each format, colour and threshold has its word, and others are refused with those that exist") {
  CHECK(parsed({"scan", "-o", "yaml"}).format == Format::yaml);
  CHECK(parsed({"scan", "-o", "wide"}).format == Format::wide);
  CHECK(says({"scan", "-o", "xml"}, "json, text, wide, yaml"));
  CHECK(parsed({"scan", "--color=never"}).color == ColorFlag::never);
  CHECK(says({"scan", "--color=maybe"}, "auto, always, never"));
  CHECK(parsed({"scan", "--fail-on", "error"}).fail_on == FailOn::error);
  CHECK(parsed({"scan", "--fail-on", "warning"}).fail_on == FailOn::warning);
  CHECK(parsed({"scan", "--fail-on=unknown"}).fail_on == FailOn::unknown);
  CHECK(parsed({"scan", "--fail-on=never"}).fail_on == FailOn::never);
  CHECK(says({"scan", "--fail-on=always"}, "error, never, unknown, warning"));
}

TEST_CASE("an empty value is no value") {
  CHECK(says({"scan", "--fail-on="}, "--fail-on"));
  CHECK(says({"scan", "--output="}, "--output"));
  CHECK(says({"scan", "--expiry-warning="}, "--expiry-warning"));
}

TEST_CASE("an unknown command is refused with the nearest one") {
  CHECK(says({"rout", "cart"}, "unknown command \"rout\""));
  CHECK(says({"rout", "cart"}, "\troute"));
  CHECK(error_of({"xyzzy"}).find("Did you mean") == std::string::npos);
  CHECK(says({"cart"}, "unknown command \"cart\""));
}

TEST_CASE("an unknown flag, a flag without its value and a name too many are refused") {
  CHECK(says({"route", "cart", "--nmaespace", "shop"}, "--nmaespace"));
  CHECK_FALSE(error_of({"route", "cart", "-n"}).empty());
  CHECK(says({"route", "cart", "other"}, "expected one name, got 2"));
  CHECK(says({"route"}, "you must name the object"));
  CHECK(says({"scan", "cart"}, "unexpected argument \"cart\""));
  CHECK(says({"explain", "a", "b"}, "at most one"));
  CHECK(parsed({"explain"}).names.empty());
}

TEST_CASE("codes come as lists or repeated flags, and one that does not exist is refused with the nearest") {
  const Options options =
      parsed({"scan", "--ignore", "endpoints-none,grant-missing", "--ignore=service-not-found", "--select", "endpoints-none"});
  CHECK(options.ignore.size() == 3);
  CHECK(options.ignore.contains("grant-missing"));
  CHECK(options.select.size() == 1);
  CHECK(says({"scan", "--ignore", "endpoint-none"}, "did you mean endpoints-none?"));
  CHECK(says({"scan", "--select", "xyzzy"}, "--select names the unknown code \"xyzzy\""));
  // A list flag takes one word: the name after it is a name.
  CHECK(parsed({"route", "--ignore", "endpoints-none", "cart"}).names == Words{"cart"});
}

TEST_CASE("kinds whose lack is accepted are named as kubectl names them") {
  const Options options = parsed({"scan", "--accept-unknown", "secrets,ns", "--accept-unknown=HTTPRoute"});
  CHECK(options.accept_unknown == std::set<Kind>{Kind::secret, Kind::name_space, Kind::http_route});
  CHECK(says({"scan", "--accept-unknown=widgets"}, "unknown kind \"widgets\""));
}

TEST_CASE("the time before a certificate expires is given in days or the like") {
  CHECK(parsed({"scan", "--expiry-warning", "10d"}).expiry_warning == Seconds(864000));
  CHECK(says({"scan", "--expiry-warning", "soon"}, "21d or 36h"));
  CHECK(says({"scan", "--expiry-warning=-1d"}, "invalid --expiry-warning"));
}

TEST_CASE("spans of time add up, and what is none is refused") {
  CHECK(parse_span("21d") == Seconds(21 * 86400));
  CHECK(parse_span("1h30m") == Seconds(5400));
  CHECK(parse_span("90s") == Seconds(90));
  CHECK(parse_span("1w") == Seconds(604800));
  CHECK(parse_span("0s") == Seconds(0));
  for (const char* text : {"", "d", "10", "-1d", "1d 2h", "1.5h", "1D", "1y", "99999999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_span(text).has_value());
  }
}

TEST_CASE("help is asked for by flag or word, of the whole or of a command") {
  CHECK(parsed({}).command == Command::help);
  CHECK(parsed({"--help"}).command == Command::help);
  CHECK(parsed({"-h"}).help_for.empty());
  CHECK(parsed({"help", "route"}).help_for == "route");
  CHECK(parsed({"help", "route"}).command == Command::help);
  const Options route = parsed({"route", "--help"});
  CHECK(route.command == Command::help);
  CHECK(route.help_for == "route");
  CHECK(parsed({"--version"}).command == Command::version);
  CHECK(parsed({"version"}).command == Command::version);
}

TEST_CASE("where the facts come from, and where they go, is taken as it stands") {
  const Options options = parsed({"route", "cart", "--from", "dump", "--capture=out.json", "-A", "-q"});
  CHECK(options.from == "dump");
  CHECK(options.capture == "out.json");
  CHECK(options.all_namespaces);
  CHECK(options.quiet);
  CHECK(parsed({"route", "cart", "--from", "-"}).from == "-");
}
