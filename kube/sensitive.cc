#include "kube/sensitive.h"

#include <algorithm>
#include <array>

#include "kube/ascii.h"

namespace gwdoctor {

bool is_sensitive_header(std::string_view name) {
  std::string plain;
  for (const char letter : name) {
    if (letter != '-' && letter != '_') plain += lower_case(letter);
  }
  constexpr std::array words{"authorization", "cookie",     "token",  "secret",  "password",
                             "passwd",        "credential", "apikey", "session", "authenticationinfo"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

std::string shown_header(std::string_view name, std::string_view value) {
  return is_sensitive_header(name) && !value.empty() ? std::string("REDACTED") : std::string(value);
}

}  // namespace gwdoctor
