#pragma once
// The plain sources of credentials. The one that runs a plugin is in kube/exec_credential.h.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "kube/connection.h"
#include "kube/environment.h"

namespace gwdoctor {

// Overwrites a text in memory and empties it.
void wipe(std::string& secret);

// Whether a text may be the value of an HTTP header (RFC 9110, 5.5): no control character but a tab.
[[nodiscard]] bool fits_header(std::string_view text);

// Always the same credentials; they are nothing but TLS where all members are empty.
[[nodiscard]] std::shared_ptr<CredentialSource> fixed_credentials(Credentials credentials);

using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

// A token that is read again from its file after a minute less ten seconds, and at once after a refusal: the kubelet
// renews a projected service account token while the program runs (client-go: transport.NewCachedFileTokenSource).
// `others` holds what goes along with the token, such as a client certificate; its token is the one used until the
// file can be read. A file that stops being readable leaves the last token in force.
// The file is read at once; where it cannot be and there is no other token, that is the error.
[[nodiscard]] Result<std::shared_ptr<CredentialSource>> token_file_credentials(
    std::string path, Credentials others, SteadyClock clock = [] { return std::chrono::steady_clock::now(); });

}  // namespace gwdoctor
