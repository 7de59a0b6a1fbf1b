// What holds of every check.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "checks/check.h"

using namespace gwdoctor;

namespace {

// Words of lower-case letters and digits with single dashes between them.
bool is_code(std::string_view code) {
  const bool letters = std::all_of(code.begin(), code.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
  });
  return letters && !code.empty() && code.find("--") == std::string_view::npos && code.front() != '-' && code.back() != '-';
}

std::string_view code_of(std::string_view entry) { return entry.substr(0, entry.find('/')); }

// The codes on a circle that starts and ends at the last of `walked`, or "".
std::string circle(std::string_view code, std::vector<std::string_view>& walked, std::set<std::string_view>& done) {
  const auto seen = std::find(walked.begin(), walked.end(), code);
  if (seen != walked.end()) {
    std::string out;
    for (auto at = seen; at != walked.end(); ++at) out += std::string(*at) + " -> ";
    return out + std::string(code);
  }
  const Check* check = find_check(code);
  if (check == nullptr || !done.insert(code).second) return {};
  walked.push_back(code);
  for (const std::string_view entry : check->explains) {
    // An entry with a reason is about part of the findings: no edge between the codes.
    if (entry.find('/') != std::string_view::npos) continue;
    if (std::string found = circle(entry, walked, done); !found.empty()) return found;
  }
  for (const Check* other : all_checks()) {
    const auto& by = other->explained_by;
    if (std::find(by.begin(), by.end(), code) == by.end()) continue;
    if (std::string found = circle(other->code, walked, done); !found.empty()) return found;
  }
  walked.pop_back();
  return {};
}

}  // namespace

TEST_CASE("there are checks, in the order of their codes, each code once") {
  const auto checks = all_checks();
  REQUIRE(checks.size() > 30);
  for (std::size_t at = 0; at + 1 < checks.size(); ++at) {
    CAPTURE(std::string(checks[at]->code));
    CHECK(checks[at]->code < checks[at + 1]->code);
  }
}

TEST_CASE("every check has a code of lower-case words, a title as messages are written, and something to run") {
  for (const Check* check : all_checks()) {
    CAPTURE(std::string(check->code));
    CHECK(is_code(check->code));
    REQUIRE_FALSE(check->title.empty());
    // A kind or an abbreviation may start a title: HTTPRoute, TLS.
    const bool is_name = check->title.size() > 1 && std::isupper(static_cast<unsigned char>(check->title[1])) != 0;
    CHECK((std::islower(static_cast<unsigned char>(check->title.front())) != 0 || is_name));
    CHECK(check->title.back() != '.');
    CHECK(check->title.find('\n') == std::string_view::npos);
    const bool runs = check->run != nullptr;
    CHECK(runs);
    CHECK(check->reads.size() != 0);
    CHECK(find_check(check->code) == check);
  }
  CHECK(find_check("no-such-check") == nullptr);
}

TEST_CASE("what a check explains exists, and is not itself") {
  for (const Check* check : all_checks()) {
    for (const std::string_view entry : check->explains) {
      CAPTURE(std::string(check->code));
      CAPTURE(std::string(entry));
      CHECK(find_check(code_of(entry)) != nullptr);
      CHECK(code_of(entry) != check->code);
      CHECK(is_code(code_of(entry)));
    }
    for (const std::string_view entry : check->explained_by) {
      CAPTURE(std::string(check->code));
      CAPTURE(std::string(entry));
      CHECK(find_check(entry) != nullptr);
      CHECK(entry != check->code);
    }
  }
}

TEST_CASE("no check explains itself by way of others") {
  std::set<std::string_view> done;
  for (const Check* check : all_checks()) {
    std::vector<std::string_view> walked;
    const std::string found = circle(check->code, walked, done);
    CHECK_MESSAGE(found.empty(), found);
  }
}

TEST_CASE("every check has a page with the six headings in their order") {
  const std::string_view headings[] = {"## What it finds", "## Why traffic breaks", "## How gwdoctor knows", "## Confirm by hand",
                                       "## Fix",           "## Not reported when"};
  for (const Check* check : all_checks()) {
    const std::string_view page = check_page(check->code);
    CAPTURE(std::string(check->code));
    CHECK(page.starts_with("# " + std::string(check->code) + "\n"));
    std::size_t at = 0;
    for (const std::string_view heading : headings) {
      CAPTURE(std::string(heading));
      const std::size_t found = page.find("\n" + std::string(heading) + "\n", at);
      REQUIRE(found != std::string_view::npos);
      at = found + heading.size();
    }
  }
  CHECK(check_page("no-such-check").empty());
}
