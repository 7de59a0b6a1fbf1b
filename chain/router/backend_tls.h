#pragma once
// Which BackendTLSPolicy holds where a Gateway speaks to a Service, and whether the connection can be made by it (Gateway API
// v1.6, BackendTLSPolicySpec and GEP-1897).

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/path.h"
#include "chain/router/gateway_dialect.h"
#include "chain/router/outcome.h"
#include "kube/facts.h"
#include "kube/objects/policy.h"

namespace gwdoctor {

// A policy and the targetRef by which it concerns a Service.
struct TargetingPolicy {
  std::shared_ptr<const BackendTlsPolicy> policy;
  std::size_t target = 0;
  std::string lost{};  // why another goes before it: "is for the whole Service"; "" for the one that holds

  [[nodiscard]] const BackendTlsPolicy::Target& target_spec() const { return policy->targets[target]; }
};

struct BackendTlsChoice {
  enum class State {
    none,     // no policy holds: the data plane speaks without TLS, or as it is told by other means
    holds,    // `winner` does
    unknown,  // policies name ports, and which port is meant is not known
  };
  State state = State::none;
  TargetingPolicy winner;
  std::vector<TargetingPolicy> losers;     // in the order of precedence
  std::vector<TargetingPolicy> elsewhere;  // that name another port of the Service, or one that it does not have
};

// The policy that holds for one port of a Service among the policies of the Service's namespace; those of another namespace
// concern it not (LocalPolicyTargetReference). `section` is the name of the port, "" for one without a name, nothing where that
// is not known. One that names the port goes before one for the whole Service; of equals the oldest, then the first in
// alphabetical order of "{namespace}/{name}".
[[nodiscard]] BackendTlsChoice choose_backend_tls(const List<BackendTlsPolicy>& policies, std::string_view service_ns,
                                                  std::string_view service, const std::optional<std::string>& section);

// Why a connection by a policy fails.
struct BackendTlsFault {
  std::string_view reason;  // the mode in failures/policy.md: "policy-btp-invalid-ca-ref"
  std::string why;          // "ConfigMap shop/ca does not exist"
  bool observed = false;    // the controller says so, not the objects
  bool partial = false;     // other CA certificates of the policy can be used
  Ref object;               // that the fix edits
  std::string path;
  ObjectRef reference;  // the first of caCertificateRefs that is meant; its name is "" where none is
  bool exists = false;  // the object of that reference is there
};

// What is known of the TLS between a Gateway and one backend.
struct BackendTlsView {
  enum class State {
    none,
    holds,    // `choice.winner`
    ignored,  // it would hold, and this implementation takes no BackendTLSPolicy
    unknown,
  };
  State state = State::none;
  BackendTlsChoice choice;
  std::optional<BackendTlsFault> fault;
  std::vector<std::string> notes;  // for the outcome
  std::vector<Unread> unread;      // facts that could change the above
};

// The backend that is meant, and by whom it is spoken to.
struct BackendTlsPlace {
  Ref service;
  std::optional<std::string> section;  // as for choose_backend_tls()
  Ref gateway;
  std::string controller{};  // the GatewayClass's controllerName, "" where that is not known
  Ref gateway_class{};
  std::vector<std::string> features{};   // the GatewayClass's status.supportedFeatures
  std::optional<Unread> class_unread{};  // who serves the Gateway is not known: nothing can be said against a policy
  const GatewayDialect* dialect = nullptr;
};
// The place of a leg of a traced path. Nothing where no policy concerns it: it has no Service, it is an Ingress's, or TLS is
// passed through or not spoken of (UDP, TCP without termination).
[[nodiscard]] std::optional<BackendTlsPlace> backend_tls_place(const Path& path, const Leg& leg);
// Lists the policies of the Service's namespace and, where one holds, reads the objects with its CA certificates.
[[nodiscard]] BackendTlsView backend_tls_view(const BackendTlsPlace& place, const Facts& facts);

// The policy that holds, for the report.
[[nodiscard]] BackendTls backend_tls_of(const BackendTlsChoice& choice);
// "port https", "the whole Service".
[[nodiscard]] std::string scope_text(const BackendTlsPolicy::Target& target);

}  // namespace gwdoctor
