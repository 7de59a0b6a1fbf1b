#include "report/sanitize.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <iterator>

using namespace gwdoctor;

TEST_CASE("plain text stays as it is") {
  CHECK(sanitize("port 8081 of Service payments/api") == "port 8081 of Service payments/api");
  CHECK(sanitize("naïve 日本 ✓") == "naïve 日本 ✓");
  CHECK(sanitize("").empty());
}

TEST_CASE("escape sequences vanish whole") {
  CHECK(sanitize("a\x1b[31;1mred\x1b[0m") == "ared");
  CHECK(sanitize("a\x1b[2J\x1b[1;1Hb") == "ab");
  CHECK(sanitize("a\x1b]0;title\ab") == "ab");
  CHECK(sanitize("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b") == "alinkb");
  CHECK(sanitize("a\x1bP1;2|payload\x1b\\b") == "ab");
  CHECK(sanitize("a\x1b(0b\x1b"
                 "cd") == "abd");
}

TEST_CASE("escape sequences in the form of C1 controls vanish whole") {
  CHECK(sanitize("a\xc2\x9b"
                 "31mred") == "ared");
  CHECK(sanitize("a\xc2\x9d"
                 "0;title\xc2\x9c"
                 "b") == "ab");
}

TEST_CASE("an escape sequence that never ends hides nothing of what follows") {
  CHECK(sanitize("a\x1b]0;rest of the message") == "a0;rest of the message");
  CHECK(sanitize("a\x1b[12") == "a");
  CHECK(sanitize("a\x1b") == "a");
  CHECK(sanitize("\x1b[\x1b[31mb") == "b");
}

TEST_CASE("white space becomes a space, so that a message is one line") {
  CHECK(sanitize("one\ntwo\r\nthree\tfour\vfive") == "one two  three four five");
  CHECK(sanitize("one\xe2\x80\xa8two\xc2\x85three") == "one two three");
}

TEST_CASE("control characters vanish") {
  CHECK(sanitize(std::string("a\0b\a\b\x7f"
                             "c",
                             8)) == "abc");
  CHECK(sanitize("a\xc2\x80"
                 "b") == "ab");
}

TEST_CASE("characters that reorder or hide text vanish") {
  CHECK(sanitize("abc\xe2\x80\xae"
                 "def\xe2\x80\xac") == "abcdef");
  CHECK(sanitize("a\xe2\x81\xa6"
                 "b\xe2\x81\xa9") == "ab");
  CHECK(sanitize("a\xe2\x80\x8b"
                 "b\xef\xbb\xbf"
                 "c\xd8\x9c"
                 "d") == "abcd");
  CHECK(sanitize("a\xf3\xa0\x81\x81"
                 "b") == "ab");
}

TEST_CASE("invalid UTF-8 becomes the replacement character, byte by byte") {
  CHECK(sanitize("a\xff"
                 "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(sanitize("a\x9b"
                 "31mb") ==
        "a\xef\xbf\xbd"
        "31mb");
  CHECK(sanitize("\xc0\x80") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(sanitize("\xed\xa0\x80").size() == 9);
  CHECK(sanitize("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("without UTF-8 nothing but ASCII is left") {
  CHECK(sanitize("a → b … “c” 日", Charset::ascii) == "a -> b ... \"c\" ?");
  CHECK(sanitize("a\xff", Charset::ascii) == "a?");
}

TEST_CASE("a letter keeps a few marks, not hundreds") {
  std::string text = "a";
  for (int at = 0; at < 500; ++at) text += "\xcc\x81";
  CHECK(sanitize(text).size() == 1 + 4 * 2);
}

TEST_CASE("a megabyte of unfinished escape sequences takes no time to speak of") {
  std::string text;
  for (int at = 0; at < 500000; ++at) text += "\x1b]";
  const auto before = std::chrono::steady_clock::now();
  CHECK(sanitize(text).empty());
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
}

TEST_CASE("what is copied must be what was meant") {
  CHECK(is_safe_to_copy("kubectl apply -f - <<'EOF'\n\tkind: Service\nEOF"));
  CHECK_FALSE(is_safe_to_copy("kubectl delete \xe2\x80\xaex"));
  CHECK_FALSE(is_safe_to_copy("kubectl\x1b[A"));
  CHECK_FALSE(is_safe_to_copy("kubectl \xff"));
  CHECK_FALSE(is_safe_to_copy("a\rb"));
  CHECK(is_safe_to_copy("é"));
  CHECK_FALSE(is_safe_to_copy("é", Charset::ascii));
}

TEST_CASE("columns: a mark takes none, a wide character two") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("🙂") == 2);
  CHECK(display_width("│✓") == 2);
}

TEST_CASE("a text that is too long is cut at a character") {
  CHECK(cut("abcdef", 6, "…") == "abcdef");
  CHECK(cut("abcdefg", 6, "…") == "abcde…");
  CHECK(cut("日本語", 5, "…") == "日本…");
  CHECK(cut("日本語", 4, "…") == "日…");
  CHECK(cut("abcdefg", 6, "...") == "abc...");
}

TEST_CASE("lines are broken at spaces") {
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("one two three", 6) == std::vector<std::string>{"one", "two", "three"});
  CHECK(wrap("  one   two ", 20) == std::vector<std::string>{"one two"});
  CHECK(wrap("", 20) == std::vector<std::string>{""});
}

TEST_CASE("a word longer than a line is broken anywhere") {
  CHECK(wrap("abcdefgh ij", 3) == std::vector<std::string>{"abc", "def", "gh", "ij"});
  CHECK(wrap("日本語", 3) == std::vector<std::string>{"日", "本", "語"});
  CHECK(wrap("日", 1) == std::vector<std::string>{"日"});
}

TEST_CASE("a short first line leaves a word whole") {
  CHECK(wrap("abcdef gh", 8, 3) == std::vector<std::string>{"", "abcdef", "gh"});
  CHECK(wrap("ab cdef", 8, 3) == std::vector<std::string>{"ab", "cdef"});
}

TEST_CASE("whatever the bytes, the outcome is one harmless line, and cleaning it again changes nothing") {
  constexpr std::string_view parts[] = {"\x1b", "[",  "]",  "31", "m",  "\xc2", "\x9b",     "\xe2\x80",
                                        "\xae", "\a", "\\", " ",  "\n", "a",    "\xcc\x81", "日"};
  std::uint32_t state = 1;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int at = 0; at < 24; ++at) {
      state = state * 1664525u + 1013904223u;
      text += parts[(state >> 16u) % std::size(parts)];
    }
    const std::string clean = sanitize(text);
    REQUIRE(is_safe_to_copy(clean));
    REQUIRE(clean.find('\n') == std::string::npos);
    REQUIRE(sanitize(clean) == clean);
    REQUIRE(is_safe_to_copy(sanitize(text, Charset::ascii), Charset::ascii));
    for (const std::string& line : wrap(clean, 7)) REQUIRE(display_width(line) <= 7);
    REQUIRE(display_width(cut(clean, 9, "…")) <= 9);
  }
}
