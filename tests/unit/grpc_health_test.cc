#include "net/grpc_health.h"

#include <doctest/doctest.h>

#include "kube/json.h"
#include "kube/objects/decode.h"
#include "kube/observation.h"

using namespace gwdoctor;

namespace {

std::string framed(const std::string& message) { return std::string(4, '\0') + static_cast<char>(message.size()) + message; }

HttpQuestion pay_example() {
  HttpQuestion question;
  question.address = "203.0.113.10";
  question.port = 443;
  question.tls = true;
  question.host = "pay.example";
  return question;
}

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

TEST_CASE("the question for health survives as a wish, and is not one for the same path") {
  HttpQuestion question = pay_example();
  HttpQuestion plain = question;
  plain.method = "POST";
  plain.path = grpc_health_path;
  plain.protocol = "h2";
  for (const char* service : {"", "pay.v1.Payments", "a,b=c/d"}) {
    CAPTURE(service);
    question.grpc_health = service;
    const HttpQuestion again = http_question(wish_of(question));
    CHECK(again.grpc_health == service);
    CHECK(again.method == "POST");
    CHECK(again.path == "/grpc.health.v1.Health/Check");
    CHECK(again.protocol == "h2");
    CHECK(wish_of(again) == wish_of(question));
    CHECK(wish_of(plain) != wish_of(question));
  }
  CHECK_FALSE(http_question(wish_of(plain)).grpc_health.has_value());
  question.grpc_health = "";
  CHECK(wish_of(question).text() == "gRPC health at 203.0.113.10:443: https://pay.example");
  question.grpc_health = "pay.v1.Payments";
  CHECK(wish_of(question).text() == "gRPC health at 203.0.113.10:443: https://pay.example, service pay.v1.Payments");
}

TEST_CASE("an answer about health is written down by what it says, and read again") {
  HttpQuestion question = pay_example();
  question.grpc_health = "";
  struct Row {
    GrpcHealth health;
    std::string written;
  };
  for (const Row& row : {Row{{0, "", GrpcServing::not_serving, true}, R"({"status":0,"serving":"NOT_SERVING"})"},
                         Row{{14, "no healthy upstream", {}, true}, R"({"status":14,"message":"no healthy upstream"})"},
                         Row{{0, "", GrpcServing::other, true}, R"({"status":0,"serving":"another status"})"},
                         Row{{{}, "", {}, false}, R"({"isGrpc":false})"}}) {
    CAPTURE(row.written);
    HttpAnswer answer;
    answer.result = HttpResult::answered;
    answer.status = 200;
    answer.grpc = row.health;
    const Value document = observation_document(wish_of(question), answer);
    CHECK(write_json(document["status"]["grpc"]) == row.written);
    CHECK(write_json(document["spec"]) ==
          R"({"address":"203.0.113.10","port":443,"tls":true,"host":"pay.example","grpcHealth":""})");
    REQUIRE(observed_wish(document).has_value());
    CHECK(*observed_wish(document) == wish_of(question));
    const auto again = decode<HttpAnswer>(document, Kind::pod);
    REQUIRE(again.grpc.has_value());
    CHECK(again.grpc->grpc_status == row.health.grpc_status);
    CHECK(again.grpc->grpc_message == row.health.grpc_message);
    CHECK(again.grpc->serving == row.health.serving);
    CHECK(again.grpc->is_grpc == row.health.is_grpc);
    CHECK(again.question.grpc_health == "");
  }
}
