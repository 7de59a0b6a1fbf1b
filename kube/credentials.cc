#include "kube/credentials.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <mutex>
#include <optional>

namespace gwdoctor {

namespace {

constexpr std::size_t token_limit = 1u << 20;

class FixedCredentials final : public CredentialSource {
 public:
  explicit FixedCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
  Result<Credentials> get(bool) override { return credentials_; }

 private:
  const Credentials credentials_;
};

class TokenFile final : public CredentialSource {
 public:
  TokenFile(std::string path, Credentials others, SteadyClock clock)
      : path_(std::move(path)), credentials_(std::move(others)), clock_(std::move(clock)) {}

  Result<Credentials> get(bool refused) override {
    const std::lock_guard lock(mutex_);
    if (refused || !read_at_ || clock_() - *read_at_ >= lifetime) {
      const std::optional<std::string> problem = read();
      if (problem && credentials_.token.empty()) return fail(ErrorKind::input, *problem);
    }
    return credentials_;
  }

 private:
  static constexpr std::chrono::seconds lifetime{50};

  std::optional<std::string> read() {
    auto content = read_file(path_, token_limit);
    if (!content) return fmt::format("cannot read the token file: {}", content.error().message);
    constexpr std::string_view space = " \t\r\n\v\f";
    const std::size_t start = std::min(content->find_first_not_of(space), content->size());
    const std::size_t end = content->find_last_not_of(space) + 1;
    std::string token = start < end ? content->substr(start, end - start) : std::string();
    wipe(*content);
    if (token.empty()) return fmt::format("read empty token from file {}", path_);
    if (!fits_header(token)) return fmt::format("the token in file {} holds a line break or control character", path_);
    wipe(credentials_.token);
    credentials_.token = std::move(token);
    read_at_ = clock_();
    return std::nullopt;
  }

  std::mutex mutex_;
  const std::string path_;
  Credentials credentials_;
  const SteadyClock clock_;
  std::optional<std::chrono::steady_clock::time_point> read_at_;
};

}  // namespace

void wipe(std::string& secret) {
  // The bytes beyond the size may be those of a longer text that was here before.
  secret.resize(secret.capacity());
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

bool fits_header(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return (code < 0x20 && letter != '\t') || code == 0x7f;
  });
}

Credentials::~Credentials() {
  wipe(client_certificate_pem);
  wipe(client_key_pem);
  wipe(token);
  wipe(username);
  wipe(password);
}

std::shared_ptr<CredentialSource> fixed_credentials(Credentials credentials) {
  return std::make_shared<FixedCredentials>(std::move(credentials));
}

Result<std::shared_ptr<CredentialSource>> token_file_credentials(std::string path, Credentials others, SteadyClock clock) {
  auto source = std::make_shared<TokenFile>(std::move(path), std::move(others), std::move(clock));
  if (auto first = source->get(false); !first) return tl::unexpected(first.error());
  return source;
}

}  // namespace gwdoctor
