#pragma once
// What the checks of TLS certificates have in common: which certificates matter, what a bad one stops, and how a Secret is
// made anew. Nothing here reads a private key: of that only whether it belongs to the certificate is known.

#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"

namespace gwdoctor {

// The certificates that some stream of the target is served with, out of Secrets. AWS load balancers take theirs from ACM
// and read no Secret (failures/traps, 19): told by the controller or, where the class cannot be read, by the annotations.
[[nodiscard]] std::vector<const CertificateView*> served_certificates(const Path& path, const Facts& facts);
// Those of them whose Secret exists. Says unknown of those whose Secret could not be read.
[[nodiscard]] std::vector<const CertificateView*> present_certificates(const Path& path, const Facts& facts, Verdicts& out);

// The row of the controller that is to serve it: that of the class, else of who wrote the routes' status; or nullptr.
[[nodiscard]] const Controller* controller_of(const CertificateView& view, const Path& path);
[[nodiscard]] Ref secret_of(const CertificateView& view);

[[nodiscard]] bool is_filled(const Secret& secret, std::string_view key);

// Whether the names of the certificate are meant for the host: one of them covers it, or, for a wildcard host, is that
// wildcard or lies under it. "" (any host) asks for nothing.
[[nodiscard]] bool is_meant_for(const Certificate& certificate, std::string_view host);

// What a certificate stops that clients or controllers refuse. Where other certificates of the same listener or Ingress serve
// some of its hosts, it stops the rest; where they serve all of them, it hurts in part.
struct Harm {
  Scope scope;
  Impact impact = Impact::all;
};
[[nodiscard]] Harm harm_of(const CertificateView& view, const Path& path, const Facts& facts);

// Starts a finding about it: about a field of its Secret or of the object that refers to it, with referrer and routes as
// affected.
FindingBuilder fail_certificate(const CertificateView& view, const Ref& object, std::string_view field, const Harm& harm,
                                const Path& path, Verdicts& out);
// The same about its Secret and all that it harms.
FindingBuilder fail_certificate(const CertificateView& view, std::string_view field, const Path& path, const Facts& facts,
                                Verdicts& out);

// For evidence: subject, names and validity of a certificate, which are public.
[[nodiscard]] Value naming_of(const Certificate& certificate);
[[nodiscard]] Value validity_of(const Certificate& certificate);

// "put a new certificate …": by cert-manager where that made the Secret, by `kubectl create secret tls` otherwise.
[[nodiscard]] Fix renew(const CertificateView& view, std::string summary);
// `kubectl create secret tls NAME -n NS --cert=CERT --key=KEY`. The last two are shell words of the caller.
[[nodiscard]] std::string create_tls_secret(const Ref& secret, std::string_view cert, std::string_view key);
// <(kubectl get secret …): one key's content of a Secret as a file, for bash and zsh.
[[nodiscard]] std::string content_of(const Ref& secret, std::string_view key);
// What follows it: a new object over the old one, and one that takes the place of the old one (the type cannot be changed).
inline constexpr std::string_view replace_it = " --dry-run=client -o yaml | kubectl apply -f -";
inline constexpr std::string_view recreate_it = " --dry-run=client -o yaml | kubectl replace --force -f -";

}  // namespace gwdoctor
