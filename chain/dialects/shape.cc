#include "chain/dialects/shape.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "chain/regex.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Verdict = IngressDialect::Match::Verdict;

// Longer patterns come from nobody's Ingress.
constexpr std::size_t longest_pattern = 4096;
constexpr int most_groups = 10;

bool begins(std::string_view text, std::string_view start, bool folds_case) {
  return folds_case ? lower_case(text).starts_with(lower_case(start)) : text.starts_with(start);
}

bool same(std::string_view left, std::string_view right, bool folds_case) {
  return folds_case ? lower_case(left) == lower_case(right) : left == right;
}

std::string_view plain_start(std::string_view glob) { return glob.substr(0, std::min(glob.find_first_of("*?"), glob.size())); }

bool glob_takes_all_of(std::string_view outer, std::string_view inner) {
  if (outer == inner || outer == "*" || (outer == "/*" && inner.starts_with('/'))) return true;
  if (outer.empty() || outer.back() != '*')
    return inner.find_first_of("*?") == std::string_view::npos && match_glob(outer, inner);
  const std::string_view start = plain_start(outer);
  return start.size() + 1 == outer.size() && plain_start(inner).starts_with(start);
}

// A regular expression without special characters is a prefix by characters; ".*" and its like at the end add nothing.
bool as_prefix(const PathShape& shape, std::string& prefix) {
  if (shape.kind == PathShape::Kind::characters) {
    prefix = shape.text;
    return true;
  }
  if (shape.kind == PathShape::Kind::any) {
    prefix = "/";
    return true;
  }
  if (shape.kind == PathShape::Kind::elements && shape.text == "/") {
    prefix = "/";
    return true;
  }
  const bool from_start = shape.kind == PathShape::Kind::regex;
  if (!from_start && shape.kind != PathShape::Kind::whole_regex) return false;
  std::string_view text = shape.text;
  if (text.starts_with('^')) text.remove_prefix(1);
  bool open_end = from_start;
  for (const std::string_view tail : {"(.*)$", ".*$", "(.*)", ".*"}) {
    if (!text.ends_with(tail)) continue;
    text.remove_suffix(tail.size());
    open_end = true;
    break;
  }
  if (!open_end || text.find('.') != std::string_view::npos || has_regex_characters(text)) return false;
  prefix = std::string(text);
  return true;
}

// A word that every path of the shape begins with.
std::string_view start_of(const PathShape& shape) {
  switch (shape.kind) {
    case PathShape::Kind::exact:
    case PathShape::Kind::characters:
      return shape.text;
    case PathShape::Kind::elements:
      return without_end_slashes(shape.text);
    default:
      return {};
  }
}

}  // namespace

std::string_view without_end_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

bool has_regex_characters(std::string_view text) { return text.find_first_of("^$*+?()[]{}|\\") != std::string_view::npos; }

PatternMatch match_pattern(std::string_view pattern, std::string_view text, Anchors anchors, bool folds_case) {
  PatternMatch out;
  out.verdict = Verdict::unknown;
  if (pattern.size() > longest_pattern) {
    out.why =
        fmt::format("the regular expression has {} characters: more than {} are not evaluated", pattern.size(), longest_pattern);
    return out;
  }
  const RE2& expression = compiled_regex(pattern, folds_case);
  if (!expression.ok()) {
    out.why = fmt::format("the regular expression {} cannot be evaluated here ({})", pattern, expression.error());
    return out;
  }
  const auto anchor = anchors == Anchors::whole   ? RE2::ANCHOR_BOTH
                      : anchors == Anchors::start ? RE2::ANCHOR_START
                                                  : RE2::UNANCHORED;
  const int groups = std::min(expression.NumberOfCapturingGroups() + 1, most_groups);
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(groups));
  const re2::StringPiece piece(text.data(), text.size());
  const bool takes = expression.Match(piece, 0, text.size(), anchor, found.data(), groups);
  out.verdict = takes ? Verdict::yes : Verdict::no;
  for (const re2::StringPiece& group : found) {
    out.groups.push_back(takes && group.data() != nullptr ? std::string(group.data(), group.size()) : std::string());
  }
  return out;
}

bool match_glob(std::string_view glob, std::string_view text) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (in < text.size()) {
    if (at < glob.size() && glob[at] == '*') {
      star = at++;
      retry = in;
    } else if (at < glob.size() && (glob[at] == '?' || glob[at] == text[in])) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++retry;
    } else {
      return false;
    }
  }
  while (at < glob.size() && glob[at] == '*') ++at;
  return at == glob.size();
}

IngressDialect::Match match_shape(const PathShape& shape, std::string_view path) {
  const auto result = [](bool takes, std::string failed) {
    return IngressDialect::Match{takes ? Verdict::yes : Verdict::no, takes ? std::string() : std::move(failed), takes ? 1 : 0};
  };
  switch (shape.kind) {
    case PathShape::Kind::any:
      return {Verdict::yes, {}, 0};
    case PathShape::Kind::exact:
      return result(same(path, shape.text, shape.folds_case), fmt::format("path {} is not {}", path, shape.text));
    case PathShape::Kind::elements: {
      const std::string folded = shape.folds_case ? lower_case(path) : std::string(path);
      return result(is_element_prefix(shape.folds_case ? lower_case(shape.text) : shape.text, folded),
                    fmt::format("path {} is not below {}", path, shape.text));
    }
    case PathShape::Kind::characters:
      return result(begins(path, shape.text, shape.folds_case), fmt::format("path {} does not begin with {}", path, shape.text));
    case PathShape::Kind::globs: {
      const bool takes =
          std::any_of(shape.globs.begin(), shape.globs.end(), [&](const std::string& glob) { return match_glob(glob, path); });
      return result(takes, fmt::format("path {} does not match {}", path, fmt::join(shape.globs, " or ")));
    }
    case PathShape::Kind::regex:
    case PathShape::Kind::whole_regex:
      break;
  }
  const Anchors anchors = shape.kind == PathShape::Kind::regex ? Anchors::start : Anchors::whole;
  PatternMatch found = match_pattern(shape.text, path, anchors, shape.folds_case);
  if (found.verdict == Verdict::unknown) return {Verdict::unknown, std::move(found.why), 0};
  return result(found.verdict == Verdict::yes, fmt::format("path {} does not match {}", path, shape.text));
}

bool shape_takes_all_of(const PathShape& outer, const PathShape& inner) {
  if (!outer.conditions.empty() && outer.conditions != inner.conditions) return false;
  std::string prefix;
  if (as_prefix(outer, prefix)) {
    if (prefix == "/" || prefix.empty()) return true;
    std::string of_inner;
    if (inner.folds_case && !outer.folds_case) return false;
    if (as_prefix(inner, of_inner)) return begins(of_inner, prefix, outer.folds_case);
    return begins(start_of(inner), prefix, outer.folds_case);
  }
  const bool same_case = outer.folds_case || !inner.folds_case;
  if (outer.kind == inner.kind && outer.text == inner.text && outer.globs == inner.globs) return same_case;
  if (!same_case) return false;
  if (outer.kind == PathShape::Kind::elements) {
    const std::string text = outer.folds_case ? lower_case(outer.text) : outer.text;
    const std::string start = outer.folds_case ? lower_case(start_of(inner)) : std::string(start_of(inner));
    if (inner.kind == PathShape::Kind::exact || inner.kind == PathShape::Kind::elements) return is_element_prefix(text, start);
    return inner.kind == PathShape::Kind::characters && start.starts_with(std::string(without_end_slashes(text)) + "/");
  }
  if (outer.kind == PathShape::Kind::exact)
    return inner.kind == PathShape::Kind::exact && same(inner.text, outer.text, outer.folds_case);
  if (outer.kind == PathShape::Kind::globs && inner.kind == PathShape::Kind::globs) {
    return std::all_of(inner.globs.begin(), inner.globs.end(), [&](const std::string& one) {
      return std::any_of(outer.globs.begin(), outer.globs.end(),
                         [&](const std::string& all) { return glob_takes_all_of(all, one); });
    });
  }
  return false;
}

}  // namespace gwdoctor
