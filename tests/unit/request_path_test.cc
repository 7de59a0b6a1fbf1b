#include <doctest/doctest.h>

#include "chain/request/path.h"

using namespace gwdoctor;

namespace {

using EscapedSlash = PathTreatment::EscapedSlash;

PathTreatment envoy(EscapedSlash action) {
  PathTreatment treatment = envoy_treatment;
  treatment.escaped_slash = action;
  return treatment;
}

std::string ambiguity(std::string_view path) {
  std::string why = "left over";
  const bool ambiguous = is_ambiguous(path, why);
  CHECK(ambiguous == !why.empty());
  return why;
}

}  // namespace

TEST_CASE("the same path is matched differently by what nginx, Envoy and a plain data plane make of it") {
  struct Row {
    std::string path;
    std::string nginx;
    std::string envoy;
  };
  for (const Row& row : {Row{"/", "/", "/"},
                         Row{"/a/b", "/a/b", "/a/b"},
                         Row{"/a//b", "/a/b", "/a/b"},
                         Row{"///", "/", "/"},
                         Row{"/a/./b", "/a/b", "/a/b"},
                         Row{"/a/../b", "/b", "/b"},
                         Row{"/a/b/..", "/a/", "/a/"},
                         Row{"/a/.", "/a/", "/a/"},
                         Row{"/a/b/../../c/", "/c/", "/c/"},
                         Row{"/.a/..b/...", "/.a/..b/...", "/.a/..b/..."},
                         Row{"/a//../b", "/b", "/a/b"},
                         Row{"/%41%7e", "/A~", "/A~"},
                         Row{"/a%20b", "/a b", "/a%20b"},
                         Row{"/a%2Fb", "/a/b", "/a%2Fb"},
                         Row{"/a%2fb", "/a/b", "/a%2fb"},
                         Row{"/a/%2E%2e/b", "/b", "/b"},
                         Row{"/a%252Fb", "/a%2Fb", "/a%252Fb"},
                         Row{"/a%zz%4", "/a%zz%4", "/a%zz%4"},
                         Row{"/a%", "/a%", "/a%"},
                         Row{"/a\\..\\b", "/a\\..\\b", "/b"},
                         Row{"/a%5Cb", "/a\\b", "/a%5Cb"},
                         Row{"/%C3%A9", "/\xC3\xA9", "/%C3%A9"},
                         Row{"*", "*", "*"},
                         Row{"", "", ""}}) {
    CAPTURE(row.path);
    CHECK(treat(row.path, nginx_treatment).path == row.nginx);
    CHECK(treat(row.path, envoy_treatment).path == row.envoy);
    CHECK(treat(row.path, {}).path == row.path);
    CHECK_FALSE(treat(row.path, nginx_treatment).rejected);
    CHECK_FALSE(treat(row.path, envoy_treatment).rejected);
  }
}

TEST_CASE("a path that leaves the root is refused by nginx and stays at the root with Envoy") {
  for (const char* path : {"/..", "/../a", "/a/../../b", "/%2e%2e/a"}) {
    CAPTURE(path);
    CHECK(treat(path, nginx_treatment).rejected);
    CHECK_FALSE(treat(path, envoy_treatment).rejected);
    CHECK_FALSE(treat(path, {}).rejected);
  }
  CHECK(treat("/../a", envoy_treatment).path == "/a");
  CHECK(treat("/..", envoy_treatment).path == "/");
  CHECK(treat("/a/../../b", envoy_treatment).path == "/b");
}

TEST_CASE("an escaped slash is kept, decoded, refused or redirected") {
  for (const char* path : {"/a%2Fb", "/a%5Cb", "/a%2f%5cb"}) {
    CAPTURE(path);
    CHECK(treat(path, envoy(EscapedSlash::keep)).path == path);
    CHECK(treat(path, envoy(EscapedSlash::decode)).path == "/a/b");
    CHECK_FALSE(treat(path, envoy(EscapedSlash::decode)).redirected);
    CHECK(treat(path, envoy(EscapedSlash::reject)).rejected);
    CHECK(treat(path, envoy(EscapedSlash::redirect)).redirected);
    CHECK(treat(path, envoy(EscapedSlash::redirect)).path == "/a/b");
  }
  CHECK(treat("/a%2F..%2Fb", envoy(EscapedSlash::decode)).path == "/b");
  for (const EscapedSlash action : {EscapedSlash::reject, EscapedSlash::redirect}) {
    CHECK_FALSE(treat("/a/b%20", envoy(action)).rejected);
    CHECK_FALSE(treat("/a/b%20", envoy(action)).redirected);
  }
}

TEST_CASE("an escaped NUL is refused where escapes are decoded") {
  CHECK(treat("/a%00b", nginx_treatment).rejected);
  CHECK(treat("/a%00b", envoy_treatment).rejected);
  CHECK_FALSE(treat("/a%00b", {}).rejected);
}

TEST_CASE("what data planes treat differently is named") {
  for (const char* path : {"/", "/a/b/", "/a.b/..c/.d", "/a%20b", "/a%", "", "*"}) CHECK(ambiguity(path).empty());
  CHECK(ambiguity("/a//b") == "double slashes");
  CHECK(ambiguity("/a/../b") == "dot segments");
  CHECK(ambiguity("/a/.") == "dot segments");
  CHECK(ambiguity("/a%2Fb") == "an escaped slash");
  CHECK(ambiguity("/a\\b") == "a backslash");
  CHECK(ambiguity("/a%5cb") == "a backslash");
  CHECK(ambiguity("/%41") == "an escape of a character that needs none");
  CHECK(ambiguity("/a/%2e%2e/b") == "dot segments and an escape of a character that needs none");
  CHECK(ambiguity("//a/../b%2f") == "dot segments and double slashes and an escaped slash");
}

TEST_CASE("escapes are decoded once and broken ones stay") {
  CHECK(percent_decoded("a%20b%2Fc") == "a b/c");
  CHECK(percent_decoded("%2541") == "%41");
  CHECK(percent_decoded("%zz%4%") == "%zz%4%");
  CHECK(percent_decoded("%00") == std::string(1, '\0'));
  CHECK(percent_decoded("") == "");
}

TEST_CASE("elements stand between slashes, and one trailing slash makes none") {
  using Elements = std::vector<std::string_view>;
  CHECK(path_elements("/") == Elements{});
  CHECK(path_elements("") == Elements{});
  CHECK(path_elements("/a/b") == Elements{"a", "b"});
  CHECK(path_elements("/a/b/") == Elements{"a", "b"});
  CHECK(path_elements("/a//b") == Elements{"a", "", "b"});
  CHECK(path_elements("//") == Elements{""});
}

TEST_CASE("a prefix matches by whole elements, with or without a trailing slash") {
  struct Row {
    std::string prefix;
    std::string path;
    bool matches;
  };
  // The table of networking.k8s.io/v1 (Ingress, examples), then the words of PathMatchPathPrefix.
  for (const Row& row :
       {Row{"/", "/", true}, Row{"/", "/any/path", true}, Row{"/foo", "/foo", true}, Row{"/foo", "/foo/", true},
        Row{"/foo/", "/foo", true}, Row{"/foo/", "/foo/", true}, Row{"/aaa/bb", "/aaa/bbb", false},
        Row{"/aaa/bbb", "/aaa/bbb", true}, Row{"/aaa/bbb/", "/aaa/bbb", true}, Row{"/aaa/bbb", "/aaa/bbb/", true},
        Row{"/aaa/bbb", "/aaa/bbb/ccc", true}, Row{"/aaa/bbb", "/aaa/bbbxyz", false}, Row{"/aaa/bbb", "/aaa", false},
        Row{"/AAA", "/aaa", false}, Row{"/a", "//a", false}, Row{"/a/b", "/a//b", false}}) {
    CAPTURE(row.prefix);
    CAPTURE(row.path);
    CHECK(is_element_prefix(row.prefix, row.path) == row.matches);
  }
}
