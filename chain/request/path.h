#pragma once
// What data planes make of a request's path before they match it. The Gateway API and Ingress match the path that is left after
// whatever the data plane does; they differ, and the difference decides who serves /a//b, /a/../b and /a%2Fb.

#include <string>
#include <string_view>
#include <vector>

namespace gwdoctor {

// What one data plane does, in this order.
struct PathTreatment {
  enum class Escapes {
    keep,        // %41 is matched as it stands
    unreserved,  // %41 becomes A; reserved characters stay escaped (RFC 3986, 6.2.2.2)
    all,         // everything is decoded before matching, %2F included (nginx locations)
  };
  Escapes escapes = Escapes::keep;
  enum class EscapedSlash { keep, decode, reject, redirect };  // %2F and %5C
  EscapedSlash escaped_slash = EscapedSlash::keep;
  bool dot_segments = false;   // /a/../b becomes /b (RFC 3986, 5.2.4)
  bool merge_slashes = false;  // /a//b becomes /a/b
  bool backslash = false;      // "\" becomes "/", before dot segments are removed
  bool merge_first = false;    // slashes are merged before dot segments are removed: /a//../b is /b (nginx), not /a/b (Envoy)
  // As Envoy: slashes alone become "//", not "/", and a dot segment with parameters ("/..;a/") as it is sent is one.
  bool envoy_corners = false;
  bool guards_root = false;  // a path that leaves the root is rejected (nginx); else it stays there (RFC 3986, 5.2.4)
};

// The treatments that data planes share; dialects start from them.
// nginx (ngx_http_parse_complex_uri, merge_slashes on as by default): locations match the decoded path.
inline constexpr PathTreatment nginx_treatment{.escapes = PathTreatment::Escapes::all,
                                               .escaped_slash = PathTreatment::EscapedSlash::decode,
                                               .dot_segments = true,
                                               .merge_slashes = true,
                                               .merge_first = true,
                                               .guards_root = true};
// Envoy with normalize_path and merge_slashes, path_with_escaped_slashes_action KEEP_UNCHANGED.
inline constexpr PathTreatment envoy_treatment{.escapes = PathTreatment::Escapes::unreserved,
                                               .escaped_slash = PathTreatment::EscapedSlash::keep,
                                               .dot_segments = true,
                                               .merge_slashes = true,
                                               .backslash = true};

struct TreatedPath {
  std::string path;
  bool rejected = false;    // 400: the path leaves the root (guards_root), has an escaped slash (EscapedSlash::reject) or, where
                            // escapes are decoded, an escaped NUL; `path` is as far as it came
  bool redirected = false;  // 307 to `path` before it is matched (EscapedSlash::redirect)
};
// A broken escape stays as it is. Escapes are decoded once: %252F never becomes a slash.
[[nodiscard]] TreatedPath treat(std::string_view path, const PathTreatment& treatment);

// True where the path has anything that data planes treat differently: dot segments, double slashes, percent-escapes of
// unreserved or of slashes, backslashes. `why` in words: "double slashes", "dot segments", "an escaped slash".
[[nodiscard]] bool is_ambiguous(std::string_view path, std::string& why);

// Percent-decoding, once; a broken escape stays as it is.
[[nodiscard]] std::string percent_decoded(std::string_view text);

// The elements of a path between slashes; an empty last element (a trailing slash) is dropped: "/a/b/" is {"a", "b"}.
[[nodiscard]] std::vector<std::string_view> path_elements(std::string_view path);
// Prefix by path elements (Gateway API v1.6, PathMatchPathPrefix; Ingress v1, PathTypePrefix): "/a/b" and "/a/b/" are prefixes of
// "/a/b", "/a/b/" and "/a/b/c", not of "/a/bc". Case-sensitive. "/" is a prefix of every path.
[[nodiscard]] bool is_element_prefix(std::string_view prefix, std::string_view path);

}  // namespace gwdoctor
