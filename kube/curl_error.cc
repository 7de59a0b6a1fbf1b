#include "kube/curl_error.h"

#include <openssl/x509_vfy.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kube/clean.h"

namespace gwdoctor {

namespace {

constexpr std::string_view unable = "Unable to connect to the server: ";

bool says(const Failure& failure, std::string_view words) { return failure.detail.find(words) != std::string::npos; }

std::string seconds(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

std::string by_proxy(const Failure& failure) { return failure.proxy.empty() ? "" : " (through the proxy " + failure.proxy + ")"; }

Error unreachable(const Failure& failure, std::string why) {
  return {ErrorKind::unreachable, std::string(unable) + std::move(why) + by_proxy(failure)};
}

// The words of OpenSSL without its addresses, error numbers and file names.
std::string reason_in(const Failure& failure) {
  std::string_view text = failure.detail;
  if (const std::size_t routines = text.rfind("::"); routines != std::string_view::npos) text.remove_prefix(routines + 2);
  if (const std::size_t number = text.find(", errno "); number != std::string_view::npos) text = text.substr(0, number);
  return clean_line(text, 160);
}

std::string verify_reason(const Failure& failure) {
  const std::string name = failure.tls_name;
  if (says(failure, "no alternative certificate subject name") || says(failure, "does not match target host name")) {
    return "the certificate is not valid for " + name;
  }
  switch (failure.verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "certificate is not yet valid: is this machine's clock right?";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "certificate signed by unknown authority (" + std::string(X509_verify_cert_error_string(failure.verify_result)) +
             ")";
    case X509_V_OK:
      return reason_in(failure);
    default:
      return X509_verify_cert_error_string(failure.verify_result);
  }
}

// The alerts by which a server says that it does not take the client's certificate (RFC 8446 6.2).
bool client_certificate_refused(const Failure& failure) {
  constexpr std::array<std::string_view, 8> alerts{
      "alert certificate required",    "alert bad certificate",     "alert unknown ca",
      "alert certificate expired",     "alert certificate revoked", "alert certificate unknown",
      "alert unsupported certificate", "alert access denied",
  };
  for (const std::string_view alert : alerts) {
    if (says(failure, alert)) return true;
  }
  return false;
}

Error connect_error(const Failure& failure) {
  if (failure.os_errno == ECONNREFUSED || failure.os_errno == 0) {
    const std::string where = failure.proxy.empty() ? "server " + failure.server : "proxy " + failure.proxy;
    return {ErrorKind::unreachable, "The connection to the " + where + " was refused - did you specify the right host or port?"};
  }
  return unreachable(failure,
                     "connect to " + failure.server + ": " + std::generic_category().message(static_cast<int>(failure.os_errno)));
}

Error timeout_error(const Failure& failure) {
  if (failure.request_sent) {
    return {ErrorKind::timeout, "the API server did not answer " + failure.request + " within " + seconds(failure.limit)};
  }
  if (failure.connected) return unreachable(failure, "TLS handshake timeout with " + failure.server);
  return unreachable(failure, "no connection to " + failure.server + " within " + seconds(failure.connect_limit));
}

Error tls_error(const Failure& failure) {
  if (says(failure, "wrong version number") || says(failure, "packet length too long") || says(failure, "http request")) {
    return unreachable(failure, "the server " + failure.server + " does not speak TLS: is it http:// instead of https://?");
  }
  return unreachable(failure, "TLS handshake with " + failure.server + " failed: " + reason_in(failure));
}

Error broken_off(const Failure& failure) {
  return {ErrorKind::server, "the connection broke off before " + failure.request + " was answered whole"};
}

}  // namespace

Error error_of(const Failure& failure) {
  if (failure.too_large) {
    return {ErrorKind::server, "the answer to " + failure.request + " is larger than " +
                                   std::to_string(failure.size_limit / (1024 * 1024)) +
                                   " MiB: narrow the question to a namespace or a selector"};
  }
  if (client_certificate_refused(failure)) {
    return {ErrorKind::unauthorized, "the server refused the client certificate: " + reason_in(failure)};
  }
  if (failure.proxy_status >= 300 && !failure.request_sent) {
    return unreachable(failure, "the proxy answered " + std::to_string(failure.proxy_status));
  }
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return unreachable(failure, "lookup " + failure.server.substr(0, failure.server.rfind(':')) + ": no such host");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unreachable(failure, "the proxy's name cannot be resolved");
    case CURLE_PROXY:
      return unreachable(failure, "the proxy refused: " + reason_in(failure));
    case CURLE_COULDNT_CONNECT:
      return connect_error(failure);
    case CURLE_OPERATION_TIMEDOUT:
      return timeout_error(failure);
    case CURLE_PEER_FAILED_VERIFICATION:
      return unreachable(failure, "tls: failed to verify certificate: " + verify_reason(failure));
    case CURLE_SSL_CACERT_BADFILE:
      return unreachable(failure, "the cluster's certificate-authority holds no certificate that can be read");
    case CURLE_SSL_CERTPROBLEM:
      return {ErrorKind::unauthorized,
              "the client certificate or its key cannot be used: they do not belong together, or one is no PEM"};
    case CURLE_SSL_CONNECT_ERROR:
      return tls_error(failure);
    case CURLE_BAD_CONTENT_ENCODING:
      return {ErrorKind::server, "the answer to " + failure.request + " cannot be decompressed"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return {ErrorKind::server, "the answer to " + failure.request + " is not HTTP"};
    default:
      break;
  }
  if (is_connection_lost(failure)) {
    return failure.connected ? broken_off(failure) : unreachable(failure, "the connection to " + failure.server + " broke off");
  }
  return {ErrorKind::server, failure.request + ": " + clean_line(curl_easy_strerror(failure.code), 120)};
}

bool is_connection_lost(const Failure& failure) {
  if (failure.too_large || client_certificate_refused(failure) || (failure.proxy_status >= 300 && !failure.request_sent)) {
    return false;
  }
  switch (failure.code) {
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    case CURLE_SSL_CONNECT_ERROR:
      return says(failure, "SSL_ERROR_SYSCALL") || says(failure, "reset by peer") || says(failure, "unexpected eof");
    default:
      return false;
  }
}

bool is_http2_failure(const Failure& failure) { return failure.code == CURLE_HTTP2 || failure.code == CURLE_HTTP2_STREAM; }

}  // namespace gwdoctor
