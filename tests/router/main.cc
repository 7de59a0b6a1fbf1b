// The routers against matchers that are written from the text of the specs: gwdoctor-router [--seed S] [--worlds N] [--requests
// M]. The last line is "N passed, M failed".

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "tests/router/suite.h"

namespace gwdoctor {

namespace {

bool read_number(const char* text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
  return error == std::errc() && *end == '\0';
}

bool read_options(int count, char** words, SuiteSize& size) {
  for (int at = 1; at < count; at += 2) {
    std::uint64_t number = 0;
    if (at + 1 == count || !read_number(words[at + 1], number)) return false;
    const std::string option = words[at];
    if (option == "--seed") {
      size.seed = number;
    } else if (option == "--worlds") {
      size.worlds = number;
    } else if (option == "--requests") {
      size.requests = number;
    } else {
      return false;
    }
  }
  return true;
}

int run(int count, char** words) {
  SuiteSize size;
  if (!read_options(count, words, size)) {
    fmt::print(stderr, "usage: gwdoctor-router [--seed S] [--worlds N] [--requests M]\n");
    return 2;
  }
  Tally tally;
  run_gateway_suite(size, tally);
  run_ingress_suite(size, tally);
  run_policy_suite(size, tally);
  tally.print_notes();
  fmt::print("\n");
  tally.print();
  fmt::print("seed {}\n{} passed, {} failed\n", size.seed, tally.passed(), tally.failed());
  return tally.failed() == 0 ? 0 : 1;
}

}  // namespace

}  // namespace gwdoctor

int main(int count, char** words) {
  try {
    return gwdoctor::run(count, words);
  } catch (const std::exception& error) {
    fmt::print("{}\n0 passed, 1 failed\n", error.what());
    return 1;
  }
}
