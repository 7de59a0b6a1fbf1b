#include "kube/sensitive.h"

#include <algorithm>
#include <array>

namespace gwdoctor {

bool is_sensitive_header(std::string_view name) {
  std::string plain;
  for (const char letter : name) {
    const char lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    if (lower != '-' && lower != '_') plain += lower;
  }
  constexpr std::array words{"authorization", "cookie",     "token",  "secret", "password",
                             "passwd",        "credential", "apikey", "session"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

std::string shown_header(std::string_view name, std::string_view value) {
  return is_sensitive_header(name) && !value.empty() ? std::string("REDACTED") : std::string(value);
}

}  // namespace gwdoctor
