#include "net/grpc_health.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

std::string framed(const std::string& message) { return std::string(4, '\0') + static_cast<char>(message.size()) + message; }

ExchangeAnswer answer_with(const std::string& status, const std::string& body) {
  ExchangeAnswer answer;
  answer.result = HttpResult::answered;
  answer.status = 200;
  answer.headers = {{"content-type", "application/grpc+proto"}};
  answer.trailers = {{"grpc-status", status}, {"grpc-message", "caf%C3%A9 %41%zz\x1b[31m"}};
  answer.body = body;
  return answer;
}

}  // namespace

TEST_CASE("a health request names its service in one field behind the prefix of five bytes") {
  CHECK(grpc_health_request("") == std::string(5, '\0'));
  CHECK(grpc_health_request("ab") == std::string("\0\0\0\0\4\x0a\2ab", 9));
  const std::string longer(300, 'x');
  CHECK(grpc_health_request(longer) == std::string("\0\0\0\x01\x2f\x0a\xac\x02", 8) + longer);
  const ExchangeQuestion question = grpc_health_question("ab");
  CHECK(question.method == "POST");
  CHECK(question.path == "/grpc.health.v1.Health/Check");
  CHECK(question.protocol == "h2");
  CHECK(question.body == grpc_health_request("ab"));
}

TEST_CASE("a health response gives its status, and fields of no interest are skipped") {
  struct Row {
    std::string message;
    GrpcServing serving;
    std::string name;
  };
  for (const Row& row :
       {Row{"", GrpcServing::unknown, "UNKNOWN"}, Row{"\x08\x01", GrpcServing::serving, "SERVING"},
        Row{"\x08\x02", GrpcServing::not_serving, "NOT_SERVING"},
        Row{"\x08\x03", GrpcServing::service_unknown, "SERVICE_UNKNOWN"}, Row{"\x08\x63", GrpcServing::other, "another status"},
        Row{"\x12\x02hi\x18\x05\x08\x01", GrpcServing::serving, "SERVING"},
        Row{"\x1d"
            "abcd\x21"
            "abcdefgh\x08\x01",
            GrpcServing::serving, "SERVING"},
        Row{"\x08\x01\x08\x02", GrpcServing::not_serving, "NOT_SERVING"}}) {
    CAPTURE(row.name);
    const std::optional<GrpcServing> serving = grpc_health_response(framed(row.message));
    REQUIRE(serving.has_value());
    CHECK(*serving == row.serving);
    CHECK(serving_name(*serving) == row.name);
  }
}

TEST_CASE("bytes that are no health response give nothing") {
  for (const std::string& body :
       {std::string(), std::string(4, '\0'), std::string("\1\0\0\0\2\x08\x01", 7), std::string("\0\0\0\0\3\x08\x01", 7),
        std::string("\0\xff\xff\xff\xff\x08\x01", 7), framed("\x08"), framed("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        framed("\x12\x7fhi"),
        framed("\x1d"
               "ab"),
        framed("\x0b"), framed(std::string(1, '\0')), std::string("<html></html>")}) {
    CAPTURE(body);
    CHECK_FALSE(grpc_health_response(body).has_value());
  }
}

TEST_CASE("the status of a call is taken from the trailers, or from the headers where there is no message") {
  const GrpcHealth healthy = grpc_health_of(answer_with("0", framed("\x08\x01")));
  CHECK(healthy.is_grpc);
  CHECK(healthy.grpc_status == 0);
  CHECK(healthy.serving == GrpcServing::serving);
  CHECK(healthy.grpc_message == "caf\xC3\xA9 A%zz [31m");

  const GrpcHealth failed = grpc_health_of(answer_with("14", framed("\x08\x01")));
  CHECK(failed.grpc_status == 14);
  CHECK_FALSE(failed.serving.has_value());

  ExchangeAnswer trailers_only;
  trailers_only.headers = {{"content-type", "application/grpc"}, {"grpc-status", "12"}};
  CHECK(grpc_health_of(trailers_only).grpc_status == 12);

  for (const char* broken : {"", "x", "1x", "99999999999999"}) CHECK_FALSE(grpc_health_of(answer_with(broken, "")).grpc_status);
  ExchangeAnswer page;
  page.headers = {{"content-type", "text/html"}};
  CHECK_FALSE(grpc_health_of(page).is_grpc);
}

TEST_CASE("the status codes of gRPC have names") {
  CHECK(grpc_status_name(0) == "OK");
  CHECK(grpc_status_name(12) == "UNIMPLEMENTED");
  CHECK(grpc_status_name(14) == "UNAVAILABLE");
  CHECK(grpc_status_name(16) == "UNAUTHENTICATED");
  CHECK(grpc_status_name(17).empty());
  CHECK(grpc_status_name(-1).empty());
}
