#include "kube/time.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

TEST_CASE("a time of the API is read to the second and written back") {
  struct Row {
    const char* text;
    const char* same;
  };
  const Row rows[] = {{"2026-11-23T10:46:12Z", "2026-11-23T10:46:12Z"},
                      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
                      {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
                      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
                      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
                      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
                      {"2026-11-23T10:46:12.999999999Z", "2026-11-23T10:46:12Z"},
                      {"2026-11-23T00:30:00+01:00", "2026-11-22T23:30:00Z"},
                      {"2026-11-22T19:30:00-05:30", "2026-11-23T01:00:00Z"},
                      {"2026-11-23t10:46:12.5z", "2026-11-23T10:46:12Z"},
                      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto time = parse_time(row.text);
    REQUIRE(time);
    CHECK(format_time(*time) == row.same);
  }
  CHECK(parse_time("1970-01-01T00:00:00Z") == Time{});
}

TEST_CASE("what is no RFC 3339 time is none") {
  for (const char* text : {"",
                           "2026",
                           "2026-11-23",
                           "2026-11-23 10:46:12Z",
                           "2026-11-23T10:46:12",
                           "2026-11-23T10:46Z",
                           "2026-11-23T10:46:12.Z",
                           "2026-11-23T10:46:12Zx",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-00-10T00:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T10:60:00Z",
                           "2026-11-23T10:46:61Z",
                           "2026-11-23T10:46:12+24:00",
                           "2026-11-23T10:46:12+0100",
                           "2026-11-23T10:46:12+01",
                           "-026-11-23T10:46:12Z",
                           "2026-11-2 T10:46:12Z",
                           "20261123T104612Z",
                           "null"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("a truncated time is none at every length") {
  const std::string text = "2026-11-23T10:46:12+01:00";
  for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(parse_time(text.substr(0, size)));
}

TEST_CASE("a duration is told in its largest unit") {
  struct Row {
    std::int64_t seconds;
    const char* text;
  };
  const Row rows[] = {{0, "0 seconds"},     {1, "1 second"},      {12, "12 seconds"},  {59, "59 seconds"}, {60, "1 minute"},
                      {180, "3 minutes"},   {3599, "59 minutes"}, {3600, "1 hour"},    {14400, "4 hours"}, {86400, "1 day"},
                      {2246400, "26 days"}, {-90, "-1 minute"},   {-172800, "-2 days"}};
  for (const Row& row : rows) CHECK(format_duration(Seconds(row.seconds)) == row.text);
  CHECK(format_duration(Seconds::min()) == "-106751991167300 days");
}
