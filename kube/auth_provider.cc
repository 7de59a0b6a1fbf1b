#include "kube/auth_provider.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/clean.h"
#include "kube/credentials.h"
#include "kube/json.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

constexpr std::string_view oidc_advice =
    "run any kubectl command to renew it, or install the credential plugin kubelogin (kubectl oidc-login) and set "
    "users[].user.exec";

// The exp claim of a JWT, whose signature is the API server's business.
std::optional<Time> expiry(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  std::string payload(token.substr(first + 1, second - first - 1));
  std::replace(payload.begin(), payload.end(), '-', '+');
  std::replace(payload.begin(), payload.end(), '_', '/');
  payload.append((4 - payload.size() % 4) % 4, '=');
  const auto text = decode_base64(payload);
  if (!text) return std::nullopt;
  const auto claims = parse_json(*text);
  if (!claims) return std::nullopt;
  const auto seconds = (*claims)["exp"].integer();
  // Beyond the year 9999 it is no date.
  constexpr std::int64_t latest = 253402300799;
  if (!seconds || *seconds < 0 || *seconds > latest) return std::nullopt;
  return Time(Seconds(*seconds));
}

Result<std::string> oidc_token(const AuthProvider& provider, const std::string& user, Time now) {
  const auto found = provider.config.find("id-token");
  if (found == provider.config.end() || found->second.empty()) {
    return fail(ErrorKind::input, fmt::format("auth-provider oidc of user \"{}\" has no id-token: {}", user, oidc_advice));
  }
  const std::optional<Time> expires = expiry(found->second);
  if (!expires || !fits_header(found->second)) {
    return fail(
        ErrorKind::input,
        fmt::format("the id-token of auth-provider oidc of user \"{}\" is no JSON Web Token with an exp: {}", user, oidc_advice));
  }
  // It must still be good when the last request arrives.
  constexpr Seconds leeway{10};
  if (now + leeway >= *expires) {
    return fail(ErrorKind::input, fmt::format("the id-token of auth-provider oidc of user \"{}\" expired at {}: {}", user,
                                              format_time(*expires), oidc_advice));
  }
  return found->second;
}

}  // namespace

Result<std::string> auth_provider_token(const AuthProvider& provider, const std::string& user, Time now) {
  if (provider.name == "oidc") return oidc_token(provider, user, now);
  if (provider.name == "gcp") {
    return fail(ErrorKind::input, fmt::format("user \"{}\": the gcp auth plugin has been removed: install the credential plugin "
                                              "gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`",
                                              user));
  }
  if (provider.name == "azure") {
    return fail(ErrorKind::input,
                fmt::format("user \"{}\": the azure auth plugin has been removed: install the credential plugin "
                            "kubelogin (https://github.com/Azure/kubelogin) and run `kubelogin convert-kubeconfig`",
                            user));
  }
  return fail(ErrorKind::input,
              fmt::format("user \"{}\": no auth-provider found for name \"{}\": use a credential plugin (users[].user.exec)",
                          user, clean_line(provider.name)));
}

}  // namespace gwdoctor
