#include "checks/support/http_words.h"

#include <algorithm>

#include "kube/clean.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

constexpr std::size_t longest = 120;

std::string title_of(const std::string& page) {
  const std::string lower = lower_case(page);
  const std::size_t open = lower.find("<title");
  const std::size_t begin = open == std::string::npos ? open : lower.find('>', open);
  const std::size_t end = begin == std::string::npos ? begin : lower.find("</title", begin);
  return end == std::string::npos ? std::string() : page.substr(begin + 1, end - begin - 1);
}

bool is_binary(const std::string& body) {
  return std::any_of(body.begin(), body.end(), [](char one) {
    const auto byte = static_cast<unsigned char>(one);
    return byte < 0x20 && one != '\t' && one != '\n' && one != '\r' && one != '\f' && byte != 0x1b;
  });
}

}  // namespace

std::string said_by(const HttpAnswer& answer) {
  const std::string encoding = lower_case(answer.header("content-encoding"));
  if (is_binary(answer.body) || (!encoding.empty() && encoding != "identity")) return {};
  const std::size_t start = answer.body.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return {};
  if (answer.body[start] == '<') return clean_line(title_of(answer.body), longest);
  const std::size_t end = std::min(answer.body.find_first_of("\r\n", start), answer.body.size());
  return clean_line(answer.body.substr(start, end - start), longest);
}

}  // namespace gwdoctor
