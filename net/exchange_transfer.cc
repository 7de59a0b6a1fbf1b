#include "net/exchange_transfer.h"

#include <algorithm>
#include <charconv>

#include "kube/ascii.h"
#include "kube/sensitive.h"

namespace gwdoctor {

namespace {

using std::chrono::milliseconds;

// Beyond what is kept, headers are read to get at the body, up to this.
constexpr std::size_t max_header_bytes = 1024U * 1024;

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<milliseconds> time_of(CURL* easy, CURLINFO what) {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(easy, what, &microseconds) != CURLE_OK || microseconds <= 0) return std::nullopt;
  return milliseconds(microseconds / 1000);
}

long http_version(const ExchangeQuestion& question) {
  if (question.protocol == "h2") return question.tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  if (question.protocol.empty() && question.tls) return CURL_HTTP_VERSION_2TLS;
  return CURL_HTTP_VERSION_1_1;
}

}  // namespace

ExchangeTransfer::~ExchangeTransfer() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(connect_to_);
}

CURL* ExchangeTransfer::begin() {
  answer_.detail = complaint(question_);
  if (!answer_.detail.empty()) return nullptr;
  easy_ = curl_easy_init();
  if (easy_ == nullptr) {
    answer_.detail = "libcurl has no memory";
    return nullptr;
  }
  set_target();
  set_request();
  began_ = std::chrono::steady_clock::now();
  return easy_;
}

void ExchangeTransfer::set_target() {
  // libcurl takes SNI from the URL's host; the connection goes to the address whatever that is.
  const std::string name = question_.tls && !question_.sni.empty() ? question_.sni : bracketed(question_.address);
  const std::string port = std::to_string(question_.port);
  const std::string url = (question_.tls ? "https://" : "http://") + name + ":" + port + "/";
  connect_to_ = curl_slist_append(connect_to_, ("::" + bracketed(question_.address) + ":" + port).c_str());
  curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(question_.connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(question_.timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, http_version(question_));
  // TlsWatch verifies.
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(easy_, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy_, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  curl_easy_setopt(easy_, CURLOPT_SSL_CTX_FUNCTION, &ExchangeTransfer::on_context);
  curl_easy_setopt(easy_, CURLOPT_SSL_CTX_DATA, this);
}

void ExchangeTransfer::set_request() {
  const std::string target = question_.query.empty() ? question_.path : question_.path + "?" + question_.query;
  curl_easy_setopt(easy_, CURLOPT_REQUEST_TARGET, target.c_str());
  const bool has_content = question_.method == "POST" || question_.method == "PUT" || question_.method == "PATCH";
  if (has_content || !question_.body.empty()) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(question_.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, question_.body.data());
  } else if (question_.method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, question_.method.c_str());

  add_header("Host: " + (question_.host.empty() ? bracketed(question_.address) : question_.host));
  // What libcurl adds by itself, unless it is given.
  for (const char* own : {"Content-Type", "Expect"}) {
    const bool given = std::any_of(question_.headers.begin(), question_.headers.end(),
                                   [&](const HeaderField& field) { return same_ascii(field.name, own); });
    if (!given) add_header(std::string(own) + ":");
  }
  for (const HeaderField& field : question_.headers) {
    if (!same_ascii(field.name, "host")) add_header(field.value.empty() ? field.name + ";" : field.name + ": " + field.value);
  }
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "kubectl-gwdoctor");
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &ExchangeTransfer::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &ExchangeTransfer::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
}

void ExchangeTransfer::add_header(const std::string& line) {
  if (curl_slist* longer = curl_slist_append(headers_, line.c_str())) headers_ = longer;
}

CURLcode ExchangeTransfer::on_context(CURL* /*easy*/, void* context, void* self) {
  return static_cast<ExchangeTransfer*>(self)->watch_.attach(static_cast<SSL_CTX*>(context)) ? CURLE_OK
                                                                                             : CURLE_SSL_CACERT_BADFILE;
}

std::size_t ExchangeTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<ExchangeTransfer*>(self);
  transfer->header_bytes_ += size * count;
  if (transfer->header_bytes_ <= max_header_bytes) {
    transfer->take_header({data, size * count});
    // After 101 (RFC 9110, 15.2.2) HTTP is over.
    if (!(transfer->in_body_ && transfer->answer_.status == 101)) return size * count;
  }
  transfer->broken_off_ = true;
  return 0;
}

void ExchangeTransfer::take_header(std::string_view line) {
  if (!in_body_ && line.starts_with("HTTP/")) {
    // Of several answers (1xx) the last one counts.
    answer_.headers.clear();
    answer_.headers_cut = false;
    answer_.sets_cookie = false;
    header_bytes_ = line.size();
    const std::size_t space = std::min(line.find(' '), line.size());
    std::from_chars(line.data() + std::min(space + 1, line.size()), line.data() + line.size(), answer_.status);
    return;
  }
  const std::string_view text = trimmed(line);
  if (text.empty()) {
    in_body_ = in_body_ || answer_.status >= 200 || answer_.status == 101;
    return;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  if (header_bytes_ > max_exchange_headers) {
    answer_.headers_cut = true;
    return;
  }
  HeaderField field{lower_case(trimmed(text.substr(0, colon))), std::string(trimmed(text.substr(colon + 1)))};
  if (!in_body_ && field.name == "set-cookie") answer_.sets_cookie = true;
  if (!is_sensitive_header(field.name)) (in_body_ ? answer_.trailers : answer_.headers).push_back(std::move(field));
}

std::size_t ExchangeTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<ExchangeTransfer*>(self);
  std::string& body = transfer->answer_.body;
  const std::size_t room = max_exchange_body - body.size();
  body.append(data, std::min(room, size * count));
  if (size * count <= room) return size * count;
  transfer->answer_.body_cut = true;
  transfer->broken_off_ = true;
  return 0;
}

void ExchangeTransfer::take_phases() {
  ExchangePhases& phases = answer_.phases;
  phases.total = time_of(easy_, CURLINFO_TOTAL_TIME_T).value_or(milliseconds(0));
  phases.connect = time_of(easy_, CURLINFO_CONNECT_TIME_T);
  // libcurl 7.88 leaves it out where the handshake fails.
  if (!phases.connect && watch_.began()) phases.connect = std::chrono::duration_cast<milliseconds>(*watch_.began() - began_);
  const std::optional<milliseconds> ready = time_of(easy_, CURLINFO_APPCONNECT_TIME_T);
  if (phases.connect && ready) phases.tls = *ready - *phases.connect;
  const std::optional<milliseconds> sent = time_of(easy_, CURLINFO_PRETRANSFER_TIME_T);
  const std::optional<milliseconds> first = time_of(easy_, CURLINFO_STARTTRANSFER_TIME_T);
  if (answer_.status > 0 && sent && first) phases.first_byte = *first - *sent;
}

void ExchangeTransfer::end(CURLcode code) {
  take_phases();
  if (answer_.phases.connect) {
    answer_.address = question_.address;
    answer_.port = question_.port;
  }
  long version = 0;
  curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
  if (answer_.status > 0) {
    answer_.version = version == CURL_HTTP_VERSION_2_0 ? "HTTP/2" : version == CURL_HTTP_VERSION_1_0 ? "HTTP/1.0" : "HTTP/1.1";
  }
  answer_.tls = watch_.seen();
  if (question_.tls) judge_tls(code);
  judge(code);
  curl_easy_cleanup(easy_);
  easy_ = nullptr;
}

}  // namespace gwdoctor
