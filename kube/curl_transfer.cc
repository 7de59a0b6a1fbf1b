#include "kube/curl_transfer.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "kube/clean.h"
#include "kube/credentials.h"
#include "kube/proxy.h"

namespace gwdoctor {

namespace {

constexpr std::size_t max_header_bytes = 1024 * 1024;
// Of silence, after which a connection counts as dead; whoever sets --request-timeout waits as long as that says.
constexpr long low_speed_seconds = 20;

curl_blob in_place(const std::string& text) {
  // NOCOPY: a copy of libcurl's would be freed without being wiped. libcurl takes the pointer as writable, and does not write.
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

// Keys of Impersonate-Extra- are percent-encoded where they are no header token (client-go: headerKeyEscape).
std::string header_key(std::string_view key) {
  constexpr std::string_view others = "!#$&'*+-.^_`|~";
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char letter : key) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || others.find(letter) != std::string_view::npos) {
      out += letter;
    } else {
      const auto byte = static_cast<unsigned char>(letter);
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return out;
}

}  // namespace

std::string basic_authorization(const std::string& user, const std::string& password) {
  std::string plain = user + ":" + password;
  std::string encoded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  encoded.resize(static_cast<std::size_t>(length));
  std::string out = "Basic " + encoded;
  wipe(plain);
  wipe(encoded);
  return out;
}

Transfer::~Transfer() { release(); }

void Transfer::release() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  easy_ = nullptr;
  for (curl_slist* line = headers_; line != nullptr; line = line->next) {
    OPENSSL_cleanse(line->data, std::char_traits<char>::length(line->data));
  }
  curl_slist_free_all(headers_);
  headers_ = nullptr;
  curl_slist_free_all(connect_to_);
  connect_to_ = nullptr;
  credentials_.reset();
}

CURL* Transfer::begin(std::shared_ptr<const Credentials> credentials, bool http1, std::chrono::milliseconds timeout,
                      std::size_t& received) {
  release();
  credentials_ = std::move(credentials);
  response_ = {};
  failure_ = {};
  header_bytes_ = 0;
  received_ = &received;
  too_large_ = false;
  timeout_ = timeout;
  error_.fill('\0');
  began_ = Clock::now();
  easy_ = curl_easy_init();
  set_connection(http1, timeout);
  if (settings_.endpoint.tls) set_trust();
  set_request();
  return easy_;
}

void Transfer::set_connection(bool http1, std::chrono::milliseconds timeout) {
  const ServerAddress& endpoint = settings_.endpoint;
  curl_easy_setopt(easy_, CURLOPT_URL, (endpoint.base + request_.path).c_str());
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(settings_.connect_timeout, timeout).count()));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  if (settings_.connection.request_timeout.count() == 0) {
    curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME, low_speed_seconds);
  }
  // Always set, so that libcurl does not look at the environment by its own rules.
  curl_easy_setopt(easy_, CURLOPT_PROXY, endpoint.proxy.c_str());
  curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");
  if (!endpoint.connect_to.empty()) {
    connect_to_ = curl_slist_append(connect_to_, endpoint.connect_to.c_str());
    curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
  }
}

void Transfer::set_trust() {
  const Connection& connection = settings_.connection;
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (connection.insecure) {
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
  } else if (!connection.ca_pem.empty()) {
    curl_blob roots = in_place(connection.ca_pem);
    curl_easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &roots);
    // Else the system's folder of roots would be trusted besides.
    curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
  } else if (!settings_.system_ca_file.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, settings_.system_ca_file.c_str());
  }
  if (!credentials_ || credentials_->client_certificate_pem.empty()) return;
  curl_blob certificate = in_place(credentials_->client_certificate_pem);
  curl_blob key = in_place(credentials_->client_key_pem);
  curl_easy_setopt(easy_, CURLOPT_SSLCERT_BLOB, &certificate);
  curl_easy_setopt(easy_, CURLOPT_SSLKEY_BLOB, &key);
  // An encrypted key must fail instead of asking at the terminal.
  curl_easy_setopt(easy_, CURLOPT_KEYPASSWD, "");
}

void Transfer::set_request() {
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  add_header("Accept: " + request_.accept);
  if (!settings_.endpoint.host_header.empty()) add_header("Host: " + settings_.endpoint.host_header);
  add_credential_headers();
  if (!settings_.connection.disable_compression) curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (request_.method == "POST") {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.c_str());
    add_header("Content-Type: application/json");
    add_header("Expect:");
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
}

void Transfer::add_header(const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); }

void Transfer::add_credential_headers() {
  // client-go sends no credentials in the clear, but it does say whom to impersonate.
  if (settings_.endpoint.tls && credentials_) {
    std::string line;
    if (!credentials_->token.empty()) {
      line = "Authorization: Bearer " + credentials_->token;
    } else if (!credentials_->username.empty()) {
      line = "Authorization: " + basic_authorization(credentials_->username, credentials_->password);
    }
    if (!line.empty()) add_header(line);
    wipe(line);
  }
  const Impersonation& impersonate = settings_.connection.impersonate;
  if (!impersonate.user.empty()) add_header("Impersonate-User: " + impersonate.user);
  if (!impersonate.uid.empty()) add_header("Impersonate-Uid: " + impersonate.uid);
  for (const std::string& group : impersonate.groups) add_header("Impersonate-Group: " + group);
  for (const auto& [key, value] : impersonate.extra) add_header("Impersonate-Extra-" + header_key(key) + ": " + value);
}

std::vector<std::string> Transfer::header_lines() const {
  std::vector<std::string> lines;
  for (const curl_slist* line = headers_; line != nullptr; line = line->next) lines.emplace_back(line->data);
  lines.push_back("User-Agent: " + settings_.user_agent);
  return lines;
}

std::chrono::milliseconds Transfer::took() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  *transfer.received_ += bytes;
  if (transfer.response_.body.size() + bytes > transfer.settings_.max_response ||
      *transfer.received_ > transfer.settings_.max_batch) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.response_.body.append(data, bytes);
  return bytes;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  transfer.header_bytes_ += bytes;
  if (transfer.header_bytes_ > max_header_bytes) {
    transfer.too_large_ = true;
    return 0;
  }
  const std::string_view line = trimmed({data, bytes});
  if (line.starts_with("HTTP/")) {
    // A proxy's answer to CONNECT, or an interim 1xx, came before.
    transfer.response_.headers.clear();
    return bytes;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bytes;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); });
  transfer.response_.headers.emplace_back(std::move(name), std::string(trimmed(line.substr(colon + 1))));
  return bytes;
}

void Transfer::end(CURLcode code) {
  const auto number = [this](CURLINFO what) {
    long value = 0;
    curl_easy_getinfo(easy_, what, &value);
    return value;
  };
  const auto offset = [this](CURLINFO what) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy_, what, &value);
    return value;
  };
  response_.status = static_cast<int>(number(CURLINFO_RESPONSE_CODE));
  response_.content_type = response_.header("content-type").value_or("");
  response_.wire_bytes = static_cast<std::size_t>(offset(CURLINFO_SIZE_DOWNLOAD_T)) +
                         static_cast<std::size_t>(std::max(0L, number(CURLINFO_HEADER_SIZE)));
  failure_.code = code;
  failure_.detail = error_.data();
  failure_.os_errno = number(CURLINFO_OS_ERRNO);
  failure_.verify_result = number(CURLINFO_SSL_VERIFYRESULT);
  failure_.proxy_status = settings_.endpoint.proxy.empty() ? 0 : number(CURLINFO_HTTP_CONNECTCODE);
  failure_.connected = offset(CURLINFO_CONNECT_TIME_T) > 0 || offset(CURLINFO_PRETRANSFER_TIME_T) > 0;
  failure_.request_sent = offset(CURLINFO_PRETRANSFER_TIME_T) > 0;
  failure_.too_large = too_large_;
  failure_.size_limit = settings_.max_response;
  failure_.server = settings_.endpoint.shown;
  failure_.proxy = settings_.endpoint.proxy.empty() ? "" : proxy_for_people(settings_.endpoint.proxy);
  failure_.tls_name = settings_.endpoint.tls_name;
  failure_.request = request_.method + " " + clean_line(std::string_view(request_.path).substr(0, request_.path.find('?')), 160);
  failure_.limit = timeout_;
  failure_.connect_limit = std::min(settings_.connect_timeout, timeout_);
}

}  // namespace gwdoctor
