#include "net/hosts_file.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "kube/ascii.h"
#include "kube/clean.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most = 1U << 20U;

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  line = line.substr(0, line.find('#'));
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t\r\v\f");
    if (begin == std::string_view::npos) return out;
    const std::size_t end = std::min(line.find_first_of(" \t\r\v\f", begin), line.size());
    out.emplace_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  // An IPv6 address may name its zone: fe80::1%eth0.
  const std::string plain = text.substr(0, text.find('%'));
  return inet_pton(AF_INET, plain.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1;
}

}  // namespace

HostsEntry find_in_hosts(std::string_view text, std::string_view name) {
  HostsEntry out;
  std::string wanted = lower_case(name);
  if (wanted.size() > 1 && wanted.back() == '.') wanted.pop_back();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string> line = words(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool names_it = line.size() > 1 && std::any_of(line.begin() + 1, line.end(),
                                                         [&](const std::string& word) { return lower_case(word) == wanted; });
    if (!names_it || !is_address(line.front())) continue;
    out.addresses.push_back(line.front());
    if (!out.line.empty()) continue;
    std::string whole;
    for (const std::string& word : line) whole += (whole.empty() ? "" : " ") + word;
    out.line = clean_line(whole, 200);
  }
  return out;
}

std::string read_hosts_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace gwdoctor
