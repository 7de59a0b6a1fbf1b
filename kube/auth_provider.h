#pragma once
// The forerunners of credential plugins in a kubeconfig's users: gcp and azure were removed from every client in 1.26,
// oidc is left.

#include <string>

#include "kube/kubeconfig.h"
#include "kube/time.h"

namespace gwdoctor {

// The token of the auth-provider: an oidc id-token (a JWT, RFC 7519) whose exp is still to come. It is never refreshed
// and the kubeconfig never written. Else an error of kind input that says which credential plugin takes its place.
[[nodiscard]] Result<std::string> auth_provider_token(const AuthProvider& provider, const std::string& user, Time now);

}  // namespace gwdoctor
