#include "chain/request/request.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

Request parsed(const RequestWords& words) {
  const Result<Request> request = parse_request(words);
  REQUIRE_MESSAGE(request.has_value(), (request ? std::string() : request.error().message));
  return *request;
}
Request parsed_url(const std::string& url) { return parsed(RequestWords{.url = url}); }

std::string error_of(const RequestWords& words) {
  const Result<Request> request = parse_request(words);
  if (request) return {};
  CHECK(request.error().kind == ErrorKind::usage);
  CHECK(request.error().message.starts_with("error: "));
  return request.error().message;
}
std::string url_error(const std::string& url) { return error_of(RequestWords{.url = url}); }

bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

using Headers = std::vector<HeaderField>;

}  // namespace

TEST_CASE("a scheme says what the client speaks, to which port, and how the request begins") {
  struct Row {
    std::string url;
    std::string text;
    bool tls;
    bool grpc;
    bool websocket;
  };
  for (const Row& row : {Row{"http://shop.example", "GET http://shop.example/", false, false, false},
                         Row{"https://shop.example", "GET https://shop.example/", true, false, false},
                         Row{"grpc://shop.example/a.B/C", "POST http://shop.example/a.B/C", false, true, false},
                         Row{"grpcs://shop.example/a.B/C", "POST https://shop.example/a.B/C", true, true, false},
                         Row{"ws://shop.example/chat", "GET http://shop.example/chat", false, false, true},
                         Row{"wss://shop.example/chat", "GET https://shop.example/chat", true, false, true},
                         Row{"tls://shop.example", "tls://shop.example", true, false, false},
                         Row{"tcp://db.example:5432", "tcp://db.example:5432", false, false, false},
                         Row{"udp://dns.example:53", "udp://dns.example:53", false, false, false},
                         Row{"shop.example", "GET https://shop.example/", true, false, false},
                         Row{"shop.example:443/a", "GET https://shop.example/a", true, false, false},
                         Row{"shop.example:8080/a", "GET http://shop.example:8080/a", false, false, false},
                         Row{"grpc:50051/a", "GET http://grpc:50051/a", false, false, false},
                         Row{"HTTPS://Shop.Example:8443", "GET https://shop.example:8443/", true, false, false},
                         Row{"shop.example/to?u=http://a", "GET https://shop.example/to?u=http://a", true, false, false}}) {
    CAPTURE(row.url);
    const Request request = parsed_url(row.url);
    CHECK(request.text() == row.text);
    CHECK(request.tls == row.tls);
    CHECK(request.grpc == row.grpc);
    CHECK(request.websocket == row.websocket);
  }
}

TEST_CASE("an unknown scheme is named with the nearest known one") {
  CHECK(has(url_error("htps://shop.example"), "unknown scheme \"htps\" in the URL, did you mean https?"));
  CHECK(has(url_error("gopherlike://shop.example"), "expected one of: http, https, grpc, grpcs, ws, wss, tls, tcp, udp"));
  CHECK(has(url_error("https:/shop.example"), "expected \"https://\" and a host"));
}

TEST_CASE("path and query are sent as written, characters that a URL may not hold are escaped, the fragment is dropped") {
  struct Row {
    std::string url;
    std::string path;
    std::string query;
  };
  for (const Row& row :
       {Row{"http://a.example", "/", ""}, Row{"http://a.example?x=1", "/", "x=1"}, Row{"http://a.example#top", "/", ""},
        Row{"http://a.example/b?c=d#e?f", "/b", "c=d"}, Row{"http://a.example/x//y/../z/.", "/x//y/../z/.", ""},
        Row{"http://a.example/a b", "/a%20b", ""}, Row{"http://a.example/a%20b%2Fc%zz", "/a%20b%2Fc%zz", ""},
        Row{"http://a.example/\xC3\xA9", "/%C3%A9", ""}, Row{"http://a.example/{id}`^", "/%7Bid%7D%60%5E", ""},
        Row{"http://a.example/a\\b", "/a\\b", ""}, Row{"http://a.example/?q=a b\"{}", "/", "q=a%20b%22{}"},
        Row{"http://a.example/?a?b", "/", "a?b"}, Row{"http://a.example/@me:x", "/@me:x", ""},
        Row{"  http://a.example/b  ", "/b", ""}}) {
    CAPTURE(row.url);
    const Request request = parsed_url(row.url);
    CHECK(request.path == row.path);
    CHECK(request.query == row.query);
  }
}

TEST_CASE("a port is a number from 1 to 65535") {
  CHECK(parsed_url("http://a.example:65535").port == 65535);
  CHECK(parsed_url("http://a.example:").port == 80);
  CHECK(parsed_url("http://a.example:0080").port == 80);
  for (const char* port : {"0", "65536", "99999999999999999999", "80x", "-1", "+80", " 80", "x"}) {
    CAPTURE(port);
    CHECK(has(url_error(std::string("http://a.example:") + port), "expected a number from 1 to 65535"));
  }
  CHECK(has(url_error("tcp://db.example"), "the URL has no port, expected one: tcp://HOST:PORT"));
}

TEST_CASE("an address is connected to and never sent as SNI") {
  const Request http = parsed_url("https://192.0.2.1/a");
  CHECK(http.host == "192.0.2.1");
  CHECK(http.address == "192.0.2.1");
  CHECK(http.sni.empty());
  const Request six = parsed_url("https://[2001:DB8:0:0::1]:8443/a");
  CHECK(six.host == "2001:db8::1");
  CHECK(six.address == "2001:db8::1");
  CHECK(six.port == 8443);
  CHECK(six.text() == "GET https://[2001:db8::1]:8443/a");
  const Request tcp = parsed_url("tcp://192.0.2.1:5432");
  CHECK(tcp.host.empty());
  CHECK(tcp.address == "192.0.2.1");
  CHECK(tcp.text() == "tcp://192.0.2.1:5432");
  CHECK_FALSE(parsed_url("https://a.example").address.has_value());
}

TEST_CASE("what stands where host and port should is refused with what was found") {
  struct Row {
    std::string url;
    std::string says;
  };
  for (const Row& row :
       {Row{"", "the URL has no host"}, Row{"https://", "the URL has no host"}, Row{"https:///a", "the URL has no host"},
        Row{"/a", "the URL has no host"}, Row{"http://:80/", "the URL has no host"},
        Row{"http://::1/", "an IPv6 address stands in brackets"}, Row{"http://[::1/", "no \"]\" after the address"},
        Row{"http://[::1]x/", "expected \":\" and a port"}, Row{"http://[a.example]/", "no IPv6 address"},
        Row{"http://[fe80::1%25eth0]/", "a zone means nothing"}, Row{"http://a\\b/", "a backslash in its host"},
        Row{"http://a b.example/", "a space is in no host name"}, Row{"http://*.shop.example/", "not to a wildcard"}}) {
    CAPTURE(row.url);
    CHECK(has(url_error(row.url), row.says));
  }
}

TEST_CASE("a user name is refused and no part of it is repeated") {
  for (const char* url : {"https://joe:hunter2@shop.example/", "https://hunter2@shop.example", "joe:hunter2@shop.example",
                          "https://joe:hun/ter2@shop.example/", "https://joe:hun?ter2@shop.example/", "https://joe:hun#ter2@a",
                          "https://[hunter2@shop.example/"}) {
    CAPTURE(url);
    const std::string message = url_error(url);
    CHECK(has(message, "credentials do not belong on a command line"));
    CHECK_FALSE(has(message, "hun"));
  }
  const std::string header = error_of({.url = "http://a.example", .headers = {"Host: joe:hunter2@b.example"}});
  CHECK(has(header, "header 1 (Host) names a user"));
  CHECK_FALSE(has(header, "hunter2"));
}

TEST_CASE("headers are kept in order and as given, for a list joined by commas") {
  const Request request = parsed({.url = "http://a.example", .headers = {"X-B: 2", "x-a:\t1 ", "X-b: 3", "X-Empty;", "Accept:"}});
  CHECK(request.headers == Headers{{"X-B", "2"}, {"x-a", "1"}, {"X-b", "3"}, {"X-Empty", ""}});
  CHECK(header_value(request, "x-B") == "2,3");
  CHECK(header_value(request, "x-empty") == "");
  CHECK(header_value(request, "HOST") == "a.example");
  CHECK_FALSE(header_value(request, "accept").has_value());
}

TEST_CASE("a Host header takes the place of the URL's host, its port ignored, and SNI follows the URL") {
  const Request request = parsed({.url = "https://lb.example:8443/a", .headers = {"hOST: Shop.Example.:9"}});
  CHECK(request.host == "shop.example");
  CHECK(request.port == 8443);
  CHECK(request.sni == "lb.example");
  CHECK(request.headers.empty());
  const Request numeric = parsed({.url = "https://192.0.2.1", .headers = {"Host: [::1]:80"}});
  CHECK(numeric.host == "::1");
  CHECK(numeric.address == "192.0.2.1");
  CHECK(numeric.sni.empty());
}

TEST_CASE("a header that no server would take is refused by its number, its value unsaid") {
  struct Row {
    std::vector<std::string> headers;
    std::string says;
  };
  for (const Row& row :
       {Row{{"A: 1", "Authorization Bearer s3cr3t"}, "header 2 has no colon, expected \"Name: value\""},
        Row{{"Authorization : s3cr3t"}, "header 1 has white space around its name \"Authorization\""},
        Row{{"Au(th: s3cr3t"}, "header 1 has an invalid name \"Au(th\", expected"},
        Row{{": s3cr3t"}, "header 1 begins with a colon"}, Row{{":authority: s3cr3t"}, "header 1 begins with a colon"},
        Row{{"A: s3cr3t\r\nB: 2"}, "header 1 has a control character (0x0d) at byte 10"},
        Row{{"Host:"}, "header 1 takes the Host away"},
        Row{{"Host: a.example", "Host: s3cr3t.example"}, "header 2 is a second Host"},
        Row{{"Host: a..b"}, "header 1 (Host): invalid host \"a..b\": an empty label"},
        Row{{"A: " + std::string(65536, 's')}, "header 1 is 65539 bytes long, at most 65536 are taken"},
        Row{{""}, "header 1 has no colon"}}) {
    CAPTURE(row.says);
    const std::string message = error_of({.url = "http://a.example", .headers = row.headers});
    CHECK(has(message, row.says));
    CHECK_FALSE(has(message, "s3cr3t"));
  }
  CHECK(has(error_of({.url = "http://a.example", .headers = std::vector<std::string>(10001, "A: 1")}),
            "10001 headers are given, at most 10000 are taken"));
  CHECK(parsed({.url = "http://a.example", .headers = std::vector<std::string>(10000, "A: 1")}).headers.size() == 10000);
}

TEST_CASE("a gRPC call is a POST to the method's path with the headers of gRPC") {
  const Headers own{{"content-type", "application/grpc"}, {"te", "trailers"}};
  for (const RequestWords& words : {RequestWords{.url = "https://a.example", .grpc = "shop.v1.Cart/Add"},
                                    RequestWords{.url = "grpcs://a.example/", .grpc = "/shop.v1.Cart/Add"},
                                    RequestWords{.url = "grpcs://a.example/shop.v1.Cart/Add"},
                                    RequestWords{.url = "grpcs://a.example/shop.v1.Cart/Add", .grpc = "shop.v1.Cart/Add"},
                                    RequestWords{.url = "https://a.example", .method = "POST", .grpc = "shop.v1.Cart/Add"}}) {
    CAPTURE(words.url);
    const Request request = parsed(words);
    CHECK(request.text() == "POST https://a.example/shop.v1.Cart/Add");
    CHECK(request.grpc);
    CHECK(request.headers == own);
  }
  const Request given = parsed({.url = "grpc://a.example/a.B/C", .headers = {"Content-Type: application/grpc+json", "TE:"}});
  CHECK(given.headers == Headers{{"Content-Type", "application/grpc+json"}});
}

TEST_CASE("what is no gRPC call is refused with the form that is expected") {
  struct Row {
    RequestWords words;
    std::string says;
  };
  for (const Row& row : {Row{{.url = "grpc://a.example"}, "a gRPC call needs a method"},
                         Row{{.url = "grpc://a.example/a/b/c"}, "invalid gRPC method \"/a/b/c\""},
                         Row{{.url = "https://a.example", .grpc = "Cart"}, "expected package.Service/Method"},
                         Row{{.url = "https://a.example", .grpc = "a.B/"}, "expected package.Service/Method"},
                         Row{{.url = "https://a.example", .grpc = ".a/B"}, "expected package.Service/Method"},
                         Row{{.url = "https://a.example", .grpc = "a/B?x"}, "expected package.Service/Method"},
                         Row{{.url = "https://a.example", .grpc = "a/\x1b[31m"}, "--grpc has a control character (0x1b)"},
                         Row{{.url = "https://a.example/x", .grpc = "a.B/C"}, "the URL has the path \"/x\" and --grpc asks for"},
                         Row{{.url = "https://a.example?x=1", .grpc = "a.B/C"}, "the URL has a query"},
                         Row{{.url = "https://a.example", .method = "GET", .grpc = "a.B/C"}, "a gRPC call is POST"},
                         Row{{.url = "wss://a.example", .grpc = "a.B/C"}, "--grpc is given with a WebSocket URL"}}) {
    CHECK(has(error_of(row.words), row.says));
  }
}

TEST_CASE("a WebSocket handshake is a GET that asks for the upgrade") {
  const Request request = parsed_url("wss://a.example/chat");
  CHECK(request.method == "GET");
  CHECK(request.headers == Headers{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}});
  CHECK(parsed({.url = "ws://a.example", .headers = {"upgrade: h2c", "Connection:"}}).headers == Headers{{"upgrade", "h2c"}});
  CHECK(has(error_of({.url = "ws://a.example", .method = "POST"}), "a WebSocket handshake is GET"));
}

TEST_CASE("a method is a token, in the letters in which it is given") {
  CHECK(parsed({.url = "http://a.example", .method = "PURGE"}).method == "PURGE");
  CHECK(parsed({.url = "http://a.example", .method = "get"}).method == "get");
  CHECK(has(error_of({.url = "http://a.example", .method = "GET /"}), "invalid method \"GET /\", expected one such as GET"));
  CHECK(has(error_of({.url = "http://a.example", .method = "GET\n"}), "the method has a control character (0x0a) at byte 4"));
}

TEST_CASE("streams have neither path nor query, method, header nor gRPC call") {
  for (const RequestWords& words :
       {RequestWords{.url = "tcp://a.example:1/x"}, RequestWords{.url = "tls://a.example?x"},
        RequestWords{.url = "udp://a.example:1", .method = "GET"}, RequestWords{.url = "tls://a.example", .headers = {"A: 1"}},
        RequestWords{.url = "tls://a.example", .grpc = "a.B/C"}}) {
    CAPTURE(words.url);
    CHECK(has(error_of(words), "which carries no HTTP"));
  }
  CHECK(parsed_url("tcp://a.example:1/").method.empty());
}

TEST_CASE("--sni names what the handshake asks for") {
  CHECK(parsed_url("https://a.example").sni == "a.example");
  CHECK(parsed_url("http://a.example").sni.empty());
  CHECK(parsed_url("tls://a.example:6380").sni == "a.example");
  CHECK(parsed({.url = "https://192.0.2.1", .sni = "B.Example."}).sni == "b.example");
  CHECK(has(error_of({.url = "http://a.example", .sni = "b.example"}), "--sni is for TLS, which http:// does not speak"));
  CHECK(has(error_of({.url = "https://a.example", .sni = "192.0.2.1"}), "--sni is an address, expected a host name"));
  CHECK(has(error_of({.url = "https://a.example", .sni = "a..b"}), "--sni: invalid host \"a..b\""));
}

TEST_CASE("--resolve names the address of a host and port") {
  struct Row {
    std::string url;
    std::vector<std::string> resolve;
    std::optional<std::string> address;
  };
  for (const Row& row : {Row{"https://a.example", {"a.example:443:192.0.2.1"}, "192.0.2.1"},
                         Row{"https://a.example", {"A.Example.:443:[2001:db8::1]"}, "2001:db8::1"},
                         Row{"https://a.example", {"a.example:443:2001:db8::1"}, "2001:db8::1"},
                         Row{"https://a.example", {"*:443:192.0.2.1"}, "192.0.2.1"},
                         Row{"https://a.example", {"a.example:443:192.0.2.1", "*:443:192.0.2.2"}, "192.0.2.1"},
                         Row{"https://a.example", {"a.example:443:192.0.2.1", "a.example:443:192.0.2.2"}, "192.0.2.2"},
                         Row{"https://a.example", {"+a.example:443:192.0.2.1,192.0.2.2"}, "192.0.2.1"},
                         Row{"https://a.example:8443", {"a.example:443:192.0.2.1"}, std::nullopt},
                         Row{"https://b.example", {"a.example:443:192.0.2.1"}, std::nullopt},
                         Row{"https://[::1]", {"[::1]:443:192.0.2.1"}, "192.0.2.1"}}) {
    CAPTURE(row.resolve.front());
    CHECK(parsed({.url = row.url, .resolve = row.resolve}).address == row.address);
  }
  // The host that is connected to counts, not the one in the Host header.
  CHECK(parsed({.url = "http://a.example", .headers = {"Host: b.example"}, .resolve = {"b.example:80:192.0.2.1"}}).address ==
        std::nullopt);
}

TEST_CASE("a --resolve that is no HOST:PORT:ADDR is refused, whichever host it is for") {
  for (const char* word : {"", "a.example", "a.example:443", ":443:192.0.2.1", "[::1:443:192.0.2.1", "[::1]443:192.0.2.1"}) {
    CAPTURE(word);
    CHECK(has(error_of({.url = "https://b.example", .resolve = {word}}), "expected HOST:PORT:ADDR"));
  }
  CHECK(has(error_of({.url = "https://b.example", .resolve = {"a.example:0:192.0.2.1"}}), "invalid port \"0\" in --resolve"));
  CHECK(has(error_of({.url = "https://b.example", .resolve = {"a.example:80:lb.example"}}), "invalid address \"lb.example\""));
  CHECK(has(error_of({.url = "https://b.example", .resolve = {"a..b:80:192.0.2.1"}}), "--resolve: invalid host \"a..b\""));
  CHECK(has(error_of({.url = "https://b.example", .resolve = {"a.example:80:"}}), "invalid address \"\""));
}

TEST_CASE("control characters and endless words are refused with their place") {
  CHECK(has(url_error("http://a.example/\x1b[2J"), "the URL has a control character (0x1b) at byte 18"));
  CHECK(has(url_error(std::string("http://a.example/\0", 18)), "(0x00) at byte 18"));
  CHECK(has(url_error("http://a.example/" + std::string(65536, 'a')), "the URL is 65553 bytes long, at most 65536 are taken"));
  CHECK(parsed_url("http://a.example/" + std::string(60000, 'a')).path.size() == 60001);
  // What is quoted is fit for a terminal and short.
  const std::string message = url_error("\xC2\x9B" + std::string(60000, 'a') + "://a");
  CHECK(message.size() < 400);
  CHECK_FALSE(has(message, "\xC2\x9B"));
}

TEST_CASE("query parameters are read as forms are") {
  const Request request = parsed_url("http://a.example/?a=1&b=x+y%26&a=2&c&&%64=%zz&=e");
  CHECK(query_value(request, "a") == "1");
  CHECK(query_value(request, "b") == "x y&");
  CHECK(query_value(request, "c") == "");
  CHECK(query_value(request, "d") == "%zz");
  CHECK(query_value(request, "") == "e");
  CHECK_FALSE(query_value(request, "x").has_value());
  CHECK_FALSE(query_value(parsed_url("http://a.example/"), "").has_value());
}

TEST_CASE("no sequence of awkward bytes brings the parser down") {
  const std::string alphabet(
      "a:/?#[]@%\\.*-_ \xff\xc3\xa9\xe3\x80\x82"
      "0",
      23);
  std::uint32_t state = 12345;
  for (int round = 0; round < 20000; ++round) {
    std::string word;
    for (std::uint32_t i = 0, size = state % 24; i <= size; ++i) {
      state = state * 1664525 + 1013904223;
      word += alphabet[(state >> 16) % alphabet.size()];
    }
    const Result<Request> request = parse_request({.url = word, .headers = {"Host: " + word}, .resolve = {word}});
    const Result<Request> prefixed = parse_request({.url = "https://" + word});
    if (prefixed) CHECK(normal_host(prefixed->host) == prefixed->host);
    if (!request) CHECK(request.error().message.starts_with("error: "));
  }
}

TEST_CASE("the authority goes over the wire as it was written") {
  const auto sent = [](const std::string& url, std::vector<std::string> headers = {}) {
    RequestWords words;
    words.url = url;
    words.headers = std::move(headers);
    const Result<Request> request = parse_request(words);
    REQUIRE(request.has_value());
    return request->authority_sent();
  };
  CHECK(sent("http://Shop.Example./a") == "Shop.Example.");
  CHECK(sent("http://shop.example:80/") == "shop.example");
  CHECK(sent("http://shop.example:8080/") == "shop.example:8080");
  CHECK(sent("https://[2001:db8::1]:8443/") == "[2001:db8::1]:8443");
  CHECK(sent("http://b\u00fccher.example/") == "xn--bcher-kva.example");
  CHECK(sent("http://10.0.0.1/", {"Host: Shop.example:81"}) == "Shop.example:81");
  Request made;
  made.scheme = "https";
  made.host = "shop.example";
  made.port = 443;
  CHECK(made.authority_sent() == "shop.example");
}
