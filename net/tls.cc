#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "kube/clean.h"
#include "net/dial.h"
#include "net/drive.h"
#include "net/tcp.h"
#include "net/tls_context.h"

namespace gwdoctor {

namespace {

// How long to listen after the handshake for a server that changes its mind.
constexpr std::chrono::milliseconds afterwards{100};
// TLS 1.3 refuses a missing certificate only then, and it may have asked somebody else.
constexpr std::chrono::milliseconds afterwards_with_certificate{500};
constexpr std::size_t first_bytes = 200;  // of what the server sent, for telling what it speaks
constexpr std::size_t most_bytes = 1U << 18U;
constexpr int protocol_version_alert = 70;

class TlsProbe {
 public:
  TlsProbe(const TlsQuestion& question, SSL_CTX* context, std::chrono::milliseconds timeout, bool can_trust)
      : question_(question), context_(context), timeout_(timeout), can_trust_(can_trust), dial_(question.address, question.port) {
    answer_.address = question.address;
    answer_.port = question.port;
    answer_.sni = question.sni;
  }

  void start() {
    dial_.start(timeout_);
    if (dial_.finished()) after_dial();
  }

  void advance() {
    if (!dial_.finished()) {
      dial_.advance();
      if (dial_.finished()) after_dial();
      return;
    }
    receive();
    step();
  }

  void expire() {
    if (!dial_.finished()) {
      dial_.expire();
      return after_dial();
    }
    // Nothing more after the handshake is what was hoped for.
    if (answer_.handshake == Handshake::done) return finish();
    end(Handshake::timeout, "no answer to the ClientHello in time");
  }

  void cancel() {
    if (!dial_.finished()) dial_.end(TcpResult::error, "interrupted");
    if (!finished_ && answer_.handshake != Handshake::done) answer_.detail = "interrupted";
    finish();
  }

  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] int descriptor() const { return dial_.descriptor(); }
  [[nodiscard]] short events() const {
    if (!dial_.finished()) return POLLOUT;
    return static_cast<short>(POLLIN | (unsent_.empty() ? 0 : POLLOUT));
  }
  [[nodiscard]] Clock::time_point deadline() const { return dial_.finished() ? deadline_ : dial_.deadline(); }
  [[nodiscard]] TlsAnswer& answer() { return answer_; }
  // What the server speaks is too old for the client.
  [[nodiscard]] bool too_old() const { return too_old_ || answer_.alert == protocol_version_alert; }

 private:
  void after_dial() {
    answer_.connect = dial_.result();
    answer_.connect_milliseconds = dial_.milliseconds();
    answer_.detail = dial_.detail();
    if (dial_.result() != TcpResult::connected) return finish();
    deadline_ = Clock::now() + timeout_;
    ssl_.reset(SSL_new(context_));
    if (!ssl_) return end(Handshake::error, "OpenSSL gave no connection");
    input_ = BIO_new(BIO_s_mem());
    output_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(input_, -1);
    SSL_set_bio(ssl_.get(), input_, output_);
    SSL_set_connect_state(ssl_.get());
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_info_callback(ssl_.get(), &TlsProbe::informed);
    SSL_set_cert_cb(ssl_.get(), &TlsProbe::asked_for_certificate, this);
    if (!question_.sni.empty() && question_.sni.size() <= TLSEXT_MAXLEN_host_name)
      SSL_set_tlsext_host_name(ssl_.get(), question_.sni.c_str());
    offer_protocols();
    step();
  }

  void offer_protocols() {
    std::string wire;
    for (const std::string& protocol : question_.alpn) {
      if (protocol.empty() || protocol.size() > 255) continue;
      wire += static_cast<char>(protocol.size());
      wire += protocol;
    }
    if (wire.empty()) return;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
  }

  static void informed(const SSL* ssl, int where, int what) {
    auto* probe = static_cast<TlsProbe*>(SSL_get_app_data(ssl));
    const int number = what & 0xFF;
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && number != SSL_AD_CLOSE_NOTIFY) probe->answer_.alert = number;
  }

  // Called when the server asks for a certificate; there is none to give.
  static int asked_for_certificate(SSL*, void* probe) {
    static_cast<TlsProbe*>(probe)->answer_.client_certificate_requested = true;
    return 1;
  }

  // From the socket to OpenSSL.
  void receive() {
    std::array<char, 16384> buffer;
    while (!closed_ && problem_ == 0) {
      const ssize_t size = ::recv(dial_.descriptor(), buffer.data(), buffer.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (size < 0) problem_ = errno;
      if (size == 0) closed_ = true;
      if (size <= 0) return;
      const auto count = static_cast<std::size_t>(size);
      if (beginning_.size() < first_bytes) beginning_.append(buffer.data(), std::min(count, first_bytes - beginning_.size()));
      received_ += count;
      BIO_write(input_, buffer.data(), static_cast<int>(size));
      if (received_ > most_bytes) return;
    }
  }

  // From OpenSSL to the socket.
  void flush() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(output_, &data);
    if (size > 0) {
      unsent_.append(data, static_cast<std::size_t>(size));
      (void)BIO_reset(output_);
    }
    while (!unsent_.empty()) {
      const ssize_t sent = ::send(dial_.descriptor(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (sent < 0) {
        // What it sent before it closed is still to be read.
        if (problem_ == 0 && errno != EPIPE) problem_ = errno;
        unsent_.clear();
        return;
      }
      unsent_.erase(0, static_cast<std::size_t>(sent));
    }
  }

  void step() {
    if (finished_) return;
    if (answer_.handshake == Handshake::done) return listen();
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_.get());
    const int error = SSL_get_error(ssl_.get(), outcome);
    const unsigned long reason = ERR_peek_error();
    flush();
    if (outcome == 1) return shake();
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return judge_failure(reason);
    if (received_ > most_bytes) return end(Handshake::error, "the server sends without end");
    if (closed_ || problem_ != 0) judge_lost();
  }

  void shake() {
    answer_.handshake = Handshake::done;
    answer_.detail.clear();
    answer_.version = SSL_get_version(ssl_.get());
    answer_.cipher = SSL_get_cipher_name(ssl_.get());
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
    if (size > 0) answer_.alpn = clean_line({reinterpret_cast<const char*>(protocol), size}, 60);
    answer_.milliseconds = dial_.milliseconds() + milliseconds_since(deadline_ - timeout_);
    deadline_ = Clock::now() + (answer_.client_certificate_requested ? afterwards_with_certificate : afterwards);
    listen();
  }

  // After the handshake: tickets come and go, an alert or an end is news.
  void listen() {
    std::array<char, 1024> buffer;
    ERR_clear_error();
    int size = 0;
    do {
      size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    } while (size > 0);
    const int error = SSL_get_error(ssl_.get(), size);
    flush();
    if (answer_.alert >= 0) {
      answer_.after = AfterHandshake::alert;
    } else if (problem_ != 0) {
      answer_.after = AfterHandshake::reset;
    } else if (closed_ || error == SSL_ERROR_ZERO_RETURN) {
      answer_.after = AfterHandshake::closed;
    } else {
      if (received_ > most_bytes) finish();
      return;
    }
    finish();
  }

  void judge_lost() {
    if (looks_like_http()) return end(Handshake::plain_http, spoken());
    if (problem_ != 0)
      return end(tcp_result_of(problem_) == TcpResult::reset ? Handshake::reset : Handshake::error, problem_text(problem_));
    end(Handshake::closed, beginning_.empty() ? "the server closed the connection without a word"
                                              : "the server closed the connection within the handshake");
  }

  void judge_failure(unsigned long reason) {
    if (answer_.alert >= 0) return end(Handshake::alert, "the server sent the alert " + alert_text(answer_.alert));
    if (looks_like_http()) return end(Handshake::plain_http, spoken());
    if (!looks_like_tls()) return end(Handshake::not_tls, spoken());
    too_old_ = ERR_GET_REASON(reason) == SSL_R_UNSUPPORTED_PROTOCOL;
    const char* text = ERR_reason_error_string(reason);
    end(Handshake::error, text == nullptr ? "the handshake failed" : clean_line(text, 120));
  }

  [[nodiscard]] bool looks_like_http() const { return beginning_.starts_with("HTTP/"); }
  // A record of TLS: an alert or the handshake, version 3.x.
  [[nodiscard]] bool looks_like_tls() const {
    return beginning_.size() < 3 || ((beginning_[0] == 21 || beginning_[0] == 22) && beginning_[1] == 3);
  }
  [[nodiscard]] std::string spoken() const {
    return "the server answered \"" + clean_line(beginning_.substr(0, beginning_.find_first_of("\r\n")), 80) + "\"";
  }

  void end(Handshake handshake, std::string detail) {
    answer_.handshake = handshake;
    answer_.detail = std::move(detail);
    answer_.milliseconds = dial_.milliseconds() + milliseconds_since(deadline_ - timeout_);
    finish();
  }

  void finish() {
    if (finished_) return;
    finished_ = true;
    if (answer_.alert >= 0) answer_.alert_name = alert_text(answer_.alert);
    if (ssl_) read_chain(ssl_.get(), can_trust_, answer_);
    ERR_clear_error();
    ssl_.reset();
    dial_.close();
  }

  const TlsQuestion& question_;
  SSL_CTX* context_;
  std::chrono::milliseconds timeout_;
  bool can_trust_;
  Dial dial_;
  SslPtr ssl_;
  BIO* input_ = nullptr;   // owned by ssl_
  BIO* output_ = nullptr;  // owned by ssl_
  TlsAnswer answer_;
  Clock::time_point deadline_{};
  std::string beginning_;
  std::string unsent_;
  std::size_t received_ = 0;
  bool closed_ = false;
  int problem_ = 0;
  bool too_old_ = false;
  bool finished_ = false;
};

// Which old version the servers speak that refused every current one.
void probe_legacy(const std::vector<TlsQuestion>& questions, const TlsOptions& options, const std::vector<std::size_t>& which,
                  std::vector<TlsAnswer>& answers) {
  if (which.empty()) return;
  const ContextPtr context = make_context({}, true);
  std::vector<TlsProbe> probes;
  probes.reserve(which.size());
  for (const std::size_t at : which) probes.emplace_back(questions[at], context.get(), options.patience.timeout, false);
  drive(probes, options.patience);
  for (std::size_t at = 0; at < which.size(); ++at) {
    if (probes[at].answer().served()) answers[which[at]].legacy_version = probes[at].answer().version;
  }
}

}  // namespace

std::vector<TlsAnswer> probe_tls(const std::vector<TlsQuestion>& questions, const TlsOptions& options) {
  const ContextPtr context = make_context(options.ca_file, false);
  const bool can_trust = has_trust_store(options.ca_file);
  std::vector<TlsProbe> probes;
  // The callbacks hold on to where a probe lies.
  probes.reserve(questions.size());
  for (const TlsQuestion& question : questions) probes.emplace_back(question, context.get(), options.patience.timeout, can_trust);
  const Time now = observation_time();
  drive(probes, options.patience);
  std::vector<TlsAnswer> answers;
  std::vector<std::size_t> old;
  for (std::size_t at = 0; at < probes.size(); ++at) {
    if (probes[at].too_old()) old.push_back(at);
    answers.push_back(std::move(probes[at].answer()));
    answers.back().observed.at = now;
  }
  probe_legacy(questions, options, old, answers);
  return answers;
}

}  // namespace gwdoctor
