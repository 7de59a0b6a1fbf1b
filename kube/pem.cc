#include "kube/pem.h"

#include <algorithm>

namespace gwdoctor {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::size_t line_width = 64;  // RFC 7468 section 2

}  // namespace

std::vector<PemBlock> pem_blocks(std::string_view text) {
  std::vector<PemBlock> blocks;
  for (std::size_t at = text.find(begin_mark); at != std::string_view::npos; at = text.find(begin_mark)) {
    text.remove_prefix(at + begin_mark.size());
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t label_end = line.find(dashes);
    if (label_end == std::string_view::npos) continue;
    PemBlock block;
    block.label = line.substr(0, label_end);
    text.remove_prefix(label_end + dashes.size());
    // A body has no dash: whatever comes with one ends it.
    const std::size_t body_end = std::min(text.find(dashes), text.size());
    block.body = text.substr(0, body_end);
    text.remove_prefix(body_end);
    block.is_terminated = text.starts_with(end_mark) && text.substr(end_mark.size()).starts_with(block.label) &&
                          text.substr(end_mark.size() + block.label.size()).starts_with(dashes);
    blocks.push_back(block);
  }
  return blocks;
}

bool is_certificate(const PemBlock& block) {
  return block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE" || block.label == "TRUSTED CERTIFICATE";
}

std::string pem_block(std::string_view label, std::string_view base64) {
  std::string text(begin_mark);
  text.append(label).append(dashes).append("\n");
  for (std::size_t at = 0; at < base64.size(); at += line_width) text.append(base64.substr(at, line_width)).append("\n");
  return text.append(end_mark).append(label).append(dashes).append("\n");
}

}  // namespace gwdoctor
