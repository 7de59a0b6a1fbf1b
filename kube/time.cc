#include "kube/time.h"

#include <fmt/format.h>

#include <algorithm>

namespace gwdoctor {

namespace {

// Reads fixed-width digits and separators from the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }

  int digits(std::size_t width) {
    if (text_.size() < width) return give_up();
    int number = 0;
    for (const char digit : text_.substr(0, width)) {
      if (digit < '0' || digit > '9') return give_up();
      number = number * 10 + (digit - '0');
    }
    text_.remove_prefix(width);
    return number;
  }

  // The next character, which must be one of `allowed`.
  char one_of(std::string_view allowed) {
    if (text_.empty() || allowed.find(text_.front()) == std::string_view::npos) {
      give_up();
      return '\0';
    }
    const char letter = text_.front();
    text_.remove_prefix(1);
    return letter;
  }

  void skip_fraction() {
    if (text_.empty() || text_.front() != '.') return;
    text_.remove_prefix(1);
    const std::size_t end = std::min(text_.find_first_not_of("0123456789"), text_.size());
    if (end == 0) give_up();
    text_.remove_prefix(end);
  }

 private:
  int give_up() {
    failed_ = true;
    return 0;
  }

  std::string_view text_;
  bool failed_ = false;
};

std::optional<Seconds> read_offset(Cursor& cursor) {
  const char sign = cursor.one_of("Zz+-");
  if (sign == 'Z' || sign == 'z') return Seconds(0);
  const int hours = cursor.digits(2);
  cursor.one_of(":");
  const int minutes = cursor.digits(2);
  if (cursor.failed() || hours > 23 || minutes > 59) return std::nullopt;
  const Seconds offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  Cursor cursor(text);
  const int year = cursor.digits(4);
  cursor.one_of("-");
  const int month = cursor.digits(2);
  cursor.one_of("-");
  const int day = cursor.digits(2);
  cursor.one_of("Tt");
  const int hour = cursor.digits(2);
  cursor.one_of(":");
  const int minute = cursor.digits(2);
  cursor.one_of(":");
  const int second = cursor.digits(2);
  cursor.skip_fraction();
  const std::optional<Seconds> offset = read_offset(cursor);
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  // RFC 3339 section 5.6 allows second 60, a leap second.
  if (cursor.failed() || !offset || !cursor.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + Seconds(second) - *offset;
}

std::string format_time(Time time) {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string format_duration(Seconds duration) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr Unit units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const Unit& unit : units) {
    const std::int64_t count = duration.count() / unit.seconds;
    if (count != 0) return fmt::format("{} {}{}", count, unit.name, count == 1 || count == -1 ? "" : "s");
  }
  return "0 seconds";
}

}  // namespace gwdoctor
