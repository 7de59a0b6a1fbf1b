// What an exchange tells of the TLS that it went over.

#include <doctest/doctest.h>

#include "tests/unit/exchange_help.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;
using namespace gwdoctor::test;
using std::chrono::milliseconds;

TEST_CASE("a certificate that verifies is reported with the handshake") {
  CertificateOrder ca_order;
  ca_order.common_name = "test CA";
  ca_order.is_ca = true;
  ca_order.not_after = std::chrono::sys_days(std::chrono::year(2099) / 1 / 1);
  ca_order.not_before = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
  const Issued ca = make_certificate(ca_order);
  const TemporaryDirectory folder;
  const std::string ca_file = folder.write("ca.pem", ca.certificate);
  std::string sni;
  const Server server(under_tls(certificate_for("*.example", &ca), answers(ok), &sni));
  ExchangeQuestion question = to(server.port(), true);
  question.ca_file = ca_file;
  ExchangeAnswer answer = ask(question);
  CHECK(answer.status == 200);
  CHECK(answer.tls.handshake == Handshake::done);
  CHECK(answer.tls.version == "TLSv1.3");
  CHECK(answer.tls.cipher.starts_with("TLS_"));
  CHECK(answer.tls.alpn == "http/1.1");
  CHECK(answer.tls.alert == -1);
  CHECK(answer.tls.trust == Trust::trusted);
  CHECK(answer.tls.trust_error.empty());
  CHECK(answer.tls.matches_name);
  REQUIRE(answer.tls.chain.size() == 1);
  CHECK(answer.tls.chain.front().dns_names == std::vector<std::string>{"*.example"});
  CHECK(answer.tls.chain.front().fingerprint.size() == 64);
  CHECK(answer.phases.tls.has_value());
  CHECK(sni == "shop.example");

  sni = "none";
  question.sni.clear();
  question.ca_file.clear();
  question.verify = false;
  answer = ask(question);
  CHECK(answer.status == 200);
  CHECK(answer.tls.trust == Trust::unknown);
  // Without SNI the Host is what the certificate is held against.
  CHECK(answer.tls.matches_name);
  CHECK(sni == "none");

  question.verify = true;
  question.ca_file = folder.write("bad.pem", "no certificate");
  answer = ask(question);
  CHECK(answer.result == HttpResult::error);
  CHECK(has(answer.detail, "bad.pem holds no certificate that can be read"));
}

TEST_CASE("a certificate of another host by an unknown authority does not keep the answer away") {
  const Issued issued = certificate_for("other.example");
  const Server server(under_tls(issued, answers(ok)));
  ExchangeQuestion question = to(server.port(), true);
  const TemporaryDirectory folder;
  question.ca_file = folder.write("ca.pem", certificate_for("someone else").certificate);
  const ExchangeAnswer answer = ask(question);
  CHECK(answer.status == 200);
  CHECK(answer.body == "hi");
  CHECK(answer.tls.trust == Trust::untrusted);
  CHECK(has(answer.tls.trust_error, "self-signed certificate"));
  CHECK(answer.tls.trust_error_depth == 0);
  CHECK_FALSE(answer.tls.matches_name);
}

TEST_CASE("plain HTTP on the TLS port is told from other failures of the handshake") {
  struct Row {
    Handler handler;
    Handshake handshake;
    std::string says;
  };
  const auto sends = [](const std::string& text) {
    return [text](const Peer& peer) {
      peer.read();
      peer.write(text);
    };
  };
  for (const Row& row :
       {Row{sends("HTTP/1.1 400 Bad Request\r\n\r\n"), Handshake::plain_http, "answered the TLS handshake in plain HTTP"},
        Row{sends("220 mail.example ESMTP\r\n"), Handshake::not_tls, "with something that is no TLS"},
        // a fatal alert unrecognized_name (112) in a TLS 1.2 record
        Row{sends(std::string("\x15\x03\x03\x00\x02\x02\x70", 7)), Handshake::alert, "with the alert unrecognized_name"},
        Row{[](const Peer& peer) { peer.read(); }, Handshake::closed, "closed the connection during the TLS handshake"},
        Row{[](const Peer& peer) {
              peer.read();
              peer.reset();
            },
            Handshake::reset, "reset the connection during the TLS handshake"}}) {
    CAPTURE(row.says);
    const Server server(row.handler);
    const ExchangeAnswer answer = ask(to(server.port(), true));
    CHECK(answer.result == HttpResult::tls_failed);
    CHECK(answer.tls.handshake == row.handshake);
    CHECK(has(answer.detail, row.says));
  }
}

TEST_CASE("a missing client certificate shows as an alert, in TLS 1.3 after the handshake") {
  const Issued issued = certificate_for("shop.example");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Server server(under_tls(issued, answers(ok), nullptr, {.wants_client_certificate = true, .version = version}));
    const ExchangeAnswer answer = ask(to(server.port(), true));
    CHECK(answer.result == HttpResult::tls_failed);
    CHECK(answer.tls.handshake == (version == TLS1_2_VERSION ? Handshake::alert : Handshake::done));
    CHECK(answer.tls.alert == (version == TLS1_2_VERSION ? 40 : 116));
    CHECK(has(answer.detail, version == TLS1_2_VERSION ? "handshake_failure" : "certificate_required"));
    CHECK(answer.tls.chain.size() == 1);
  }
}
