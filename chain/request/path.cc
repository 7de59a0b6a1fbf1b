#include "chain/request/path.h"

#include <algorithm>
#include <optional>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that a well-formed escape at `at` stands for.
std::optional<char> escape_at(std::string_view text, std::size_t at) {
  if (text[at] != '%' || at + 2 >= text.size()) return std::nullopt;
  const int high = hex_digit(text[at + 1]);
  const int low = hex_digit(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

// RFC 3986, 2.3.
bool is_unreserved(char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

bool is_slash(char c) { return c == '/' || c == '\\'; }

struct Unescaped {
  std::string path;
  bool slashes = false;  // an escaped slash was there
  bool nul = false;
};

Unescaped unescape(std::string_view path, const PathTreatment& treatment) {
  using Escapes = PathTreatment::Escapes;
  const bool decodes_slashes = treatment.escapes == Escapes::all ||
                               treatment.escaped_slash == PathTreatment::EscapedSlash::decode ||
                               treatment.escaped_slash == PathTreatment::EscapedSlash::redirect;
  Unescaped out;
  out.path.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    const std::optional<char> byte = escape_at(path, at);
    if (!byte) {
      out.path += path[at];
      continue;
    }
    if (is_slash(*byte)) out.slashes = true;
    if (*byte == '\0') out.nul = true;
    const bool decode =
        is_slash(*byte) ? decodes_slashes
                        : treatment.escapes == Escapes::all || (treatment.escapes == Escapes::unreserved && is_unreserved(*byte));
    if (decode) {
      out.path += *byte;
    } else {
      out.path += path.substr(at, 3);
    }
    at += 2;
  }
  return out;
}

std::string merged_slashes(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  return out;
}

// RFC 3986, 5.2.4, on a path that begins with a slash. `above_root` where ".." had nothing to take away.
std::string without_dot_segments(std::string_view path, bool& above_root) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at, end - at);  // with the slash before it
    const bool last = end == path.size();
    if (segment == "/..") {
      if (out.empty()) above_root = true;
      out.resize(out.empty() ? 0 : out.rfind('/'));
    } else if (segment != "/.") {
      out += segment;
    }
    if (last && (segment == "/." || segment == "/..")) out += '/';
    at = end;
  }
  return out;
}

// "/a/..;x/b" is "/a/../b".
std::string without_dot_parameters(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    std::string_view segment = path.substr(at, end - at);
    if (segment.starts_with("/.;") || segment.starts_with("/..;")) segment = segment.substr(0, segment.find(';'));
    out += segment;
    at = end;
  }
  return out;
}

bool has_slashes_alone(std::string_view path) { return path.size() > 1 && path.find_first_not_of('/') == std::string_view::npos; }

}  // namespace

TreatedPath treat(std::string_view path, const PathTreatment& treatment) {
  Unescaped unescaped = treatment.envoy_corners ? unescape(without_dot_parameters(path), treatment) : unescape(path, treatment);
  TreatedPath out{std::move(unescaped.path)};
  out.rejected = (unescaped.nul && treatment.escapes != PathTreatment::Escapes::keep) ||
                 (unescaped.slashes && treatment.escaped_slash == PathTreatment::EscapedSlash::reject);
  if (out.rejected) return out;
  out.redirected = unescaped.slashes && treatment.escaped_slash == PathTreatment::EscapedSlash::redirect;
  if (treatment.backslash) std::replace(out.path.begin(), out.path.end(), '\\', '/');
  if (treatment.merge_slashes && treatment.merge_first) out.path = merged_slashes(out.path);
  if (treatment.dot_segments && out.path.starts_with('/')) {
    bool above_root = false;
    out.path = without_dot_segments(out.path, above_root);
    out.rejected = above_root && treatment.guards_root;
  }
  if (treatment.envoy_corners && treatment.merge_slashes && has_slashes_alone(out.path)) {
    out.path = "//";
  } else if (treatment.merge_slashes) {
    out.path = merged_slashes(out.path);
  }
  return out;
}

bool is_ambiguous(std::string_view path, std::string& why) {
  const auto add = [&](bool found, std::string_view what) {
    if (found) why.append(why.empty() ? "" : " and ").append(what);
  };
  why.clear();
  bool slash = false;
  bool backslash = path.find('\\') != std::string_view::npos;
  bool unreserved = false;
  for (std::size_t at = 0; at < path.size(); ++at) {
    const std::optional<char> byte = escape_at(path, at);
    slash = slash || byte == '/';
    backslash = backslash || byte == '\\';
    unreserved = unreserved || (byte && is_unreserved(*byte));
    if (byte) at += 2;
  }
  const TreatedPath plain = treat(path, {.escapes = PathTreatment::Escapes::unreserved});
  const TreatedPath resolved = treat(plain.path, {.dot_segments = true});
  add(resolved.path != plain.path, "dot segments");
  add(path.find("//") != std::string_view::npos, "double slashes");
  add(slash, "an escaped slash");
  add(backslash, "a backslash");
  add(unreserved, "an escape of a character that needs none");
  return !why.empty();
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::optional<char> byte = escape_at(text, at);
    out += byte.value_or(text[at]);
    if (byte) at += 2;
  }
  return out;
}

std::vector<std::string_view> path_elements(std::string_view path) {
  std::vector<std::string_view> elements;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    elements.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return elements;
}

bool is_element_prefix(std::string_view prefix, std::string_view path) {
  const std::vector<std::string_view> outer = path_elements(prefix);
  const std::vector<std::string_view> inner = path_elements(path);
  return outer.size() <= inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

}  // namespace gwdoctor
