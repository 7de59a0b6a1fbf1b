#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "kube/ascii.h"
#include "kube/clean.h"
#include "net/exchange_transfer.h"

namespace gwdoctor {

namespace {

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 || inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

bool is_token(std::string_view text) {
  constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return c > 0x20 && c < 0x7f && separators.find(c) == std::string_view::npos;
  });
}

bool has_control(std::string_view text, bool spaces_too) {
  return std::any_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 ? c != '\t' || spaces_too : byte == 0x7f || (c == ' ' && spaces_too);
  });
}

// A name or address with a port, as it may stand in a URL and a Host header.
bool is_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || std::string_view("-._:[]").find(c) != std::string_view::npos; });
}

std::string where(const ExchangeQuestion& question) {
  const bool brackets = question.address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", question.address, brackets ? "]" : "", question.port);
}

std::string seconds(std::chrono::milliseconds span) {
  return span.count() % 1000 == 0 ? fmt::format("{} s", span.count() / 1000) : fmt::format("{} ms", span.count());
}

// OpenSSL's words without its numbers, file names and our addresses.
std::string library_words(std::string_view text) {
  if (const std::size_t routines = text.rfind("::"); routines != std::string_view::npos) text.remove_prefix(routines + 2);
  if (const std::size_t number = text.find(", errno "); number != std::string_view::npos) text = text.substr(0, number);
  return clean_line(text, 160);
}

struct Judgement {
  HttpResult result;
  std::string detail;
};

Judgement no_connection(const ExchangeQuestion& question, long os_errno) {
  switch (os_errno) {
    case ECONNREFUSED:
      return {HttpResult::refused, fmt::format("{} refuses connections", where(question))};
    case EHOSTUNREACH:
      return {HttpResult::unreachable, fmt::format("a router says that {} cannot be reached", where(question))};
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return {HttpResult::no_route, fmt::format("this machine has no route to {}", where(question))};
    case ECONNRESET:
      return {HttpResult::reset, fmt::format("{} reset the connection", where(question))};
    case ETIMEDOUT:
      return {HttpResult::timeout, fmt::format("{} did not answer the connection", where(question))};
    default:
      return {HttpResult::error, fmt::format("no connection to {}: {}", where(question),
                                             std::generic_category().message(static_cast<int>(os_errno)))};
  }
}

}  // namespace

std::string complaint(const ExchangeQuestion& question) {
  if (!is_address(question.address)) return fmt::format("\"{}\" is no IP address", clean_line(question.address, 80));
  if (question.port < 1 || question.port > 65535) return fmt::format("{} is no port", question.port);
  if (!is_token(question.method)) return "the method is no word that HTTP allows";
  if (!is_host(question.host) || !is_host(question.sni)) return "the host has a character that no host has";
  if (!question.path.starts_with('/')) return "the path does not begin with a slash";
  if (has_control(question.path, true) || has_control(question.query, true))
    return "the path or query has a space or control character";
  for (const HeaderField& field : question.headers) {
    if (!is_token(field.name)) return fmt::format("the header name \"{}\" is none that HTTP allows", clean_line(field.name, 80));
    if (has_control(field.value, false)) return fmt::format("the header {} has a control character", clean_line(field.name, 80));
  }
  return {};
}

// What became of the handshake, once it began.
void ExchangeTransfer::judge_tls(CURLcode code) {
  ExchangeTls& tls = answer_.tls;
  if (tls.handshake == Handshake::done || !answer_.phases.connect) return;
  const std::string_view said(error_.data());
  if (!watch_.first_bytes().empty()) {
    tls.handshake = watch_.first_bytes().starts_with("HTTP") ? Handshake::plain_http : Handshake::not_tls;
  } else if (tls.alert >= 0) {
    tls.handshake = Handshake::alert;
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    tls.handshake = Handshake::timeout;
  } else if (said.find("reset by peer") != std::string_view::npos) {
    tls.handshake = Handshake::reset;
  } else if (said.find("SSL_ERROR_SYSCALL") != std::string_view::npos || said.find("unexpected eof") != std::string_view::npos) {
    tls.handshake = Handshake::closed;
  } else {
    tls.handshake = Handshake::error;
  }
}

namespace {

Judgement handshake_failed(const ExchangeQuestion& question, const ExchangeTls& tls, std::string_view said) {
  const std::string place = where(question);
  switch (tls.handshake) {
    case Handshake::alert:
      return {HttpResult::tls_failed,
              fmt::format("{} refused the TLS handshake with the alert {}", place, alert_text(tls.alert))};
    case Handshake::plain_http:
      return {HttpResult::tls_failed,
              fmt::format("{} answered the TLS handshake in plain HTTP (\"wrong version number\")", place)};
    case Handshake::not_tls:
      return {HttpResult::tls_failed, fmt::format("{} answered the TLS handshake with something that is no TLS", place)};
    case Handshake::closed:
      return {HttpResult::tls_failed, fmt::format("{} closed the connection during the TLS handshake", place)};
    case Handshake::reset:
      return {HttpResult::tls_failed, fmt::format("{} reset the connection during the TLS handshake", place)};
    case Handshake::timeout:
      return {HttpResult::timeout, fmt::format("{} did not finish the TLS handshake in time", place)};
    default:
      return {HttpResult::tls_failed, fmt::format("the TLS handshake with {} failed: {}", place, library_words(said))};
  }
}

// The connection was there, and no answer came.
Judgement no_answer(const ExchangeQuestion& question, CURLcode code, int alert, std::string_view said) {
  // What an HTTP/1.1 server answers to the preface of HTTP/2 is dropped by libcurl.
  const char* guess = question.protocol == "h2" && !question.tls ? ": it may not speak HTTP/2 without TLS" : "";
  const std::string place = where(question);
  if (alert >= 0)
    return {HttpResult::tls_failed, fmt::format("{} ended the TLS connection with the alert {}", place, alert_text(alert))};
  if (said.find("reset by peer") != std::string_view::npos || said.find("Broken pipe") != std::string_view::npos)
    return {HttpResult::reset, fmt::format("{} reset the connection instead of answering{}", place, guess)};
  switch (code) {
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return {HttpResult::closed, fmt::format("{} closed the connection without an answer{}", place, guess)};
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return {HttpResult::error, fmt::format("{} does not speak HTTP/2 as expected: {}", place, library_words(said))};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {HttpResult::error, fmt::format("{} answered with something that is no HTTP", place)};
    default:
      return {HttpResult::error,
              fmt::format("no answer from {}: {}", place, library_words(said.empty() ? curl_easy_strerror(code) : said))};
  }
}

}  // namespace

void ExchangeTransfer::judge(CURLcode code) {
  const std::string_view said(error_.data());
  if (in_body_) {
    answer_.result = HttpResult::answered;
    if (code == CURLE_OK || broken_off_) return;
    answer_.body_cut = true;
    answer_.detail = code == CURLE_OPERATION_TIMEDOUT ? "the body did not end in time"
                                                      : fmt::format("the body broke off: {}", library_words(said));
    return;
  }
  Judgement verdict{HttpResult::error, {}};
  if (watch_.bad_ca_file()) {
    verdict.detail = fmt::format("the CA file {} holds no certificate that can be read", clean_line(question_.ca_file, 200));
  } else if (header_bytes_ > max_exchange_headers) {
    verdict.detail = fmt::format("{} sends headers without end", where(question_));
  } else if (!answer_.phases.connect && code == CURLE_OPERATION_TIMEDOUT) {
    verdict = {HttpResult::timeout, fmt::format("no connection to {} within {}", where(question_),
                                                seconds(std::min(question_.connect_timeout, question_.timeout)))};
  } else if (!answer_.phases.connect) {
    long os_errno = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_errno);
    verdict = no_connection(question_, os_errno);
  } else if (question_.tls && answer_.tls.handshake != Handshake::done) {
    verdict = handshake_failed(question_, answer_.tls, said);
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    verdict = {HttpResult::timeout,
               fmt::format("{} took the request and did not answer within {}", where(question_), seconds(question_.timeout))};
  } else {
    verdict = no_answer(question_, code, answer_.tls.alert, said);
  }
  answer_.result = verdict.result;
  answer_.detail = verdict.detail;
}

}  // namespace gwdoctor
