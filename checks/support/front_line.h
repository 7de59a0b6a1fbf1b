#pragma once
// The load balancer in front: the addresses that clients meet, and what the annotations of its Service ask of it.

#include <optional>
#include <string>
#include <vector>

#include "chain/front.h"
#include "checks/check.h"

namespace gwdoctor {

// An IP address by which clients come.
struct FrontTarget {
  std::string address;
  const FrontAddress* published = nullptr;  // from which it comes: itself, or the name that resolves to it
  bool v6 = false;

  // "203.0.113.10:443", "[2001:db8::1]:443", "203.0.113.10:443 (lb-1.elb.example)".
  [[nodiscard]] std::string text(std::int64_t port) const;
};
struct FrontTargets {
  std::vector<FrontTarget> all;
  // Names of load balancers without an address in the answer: unknown, or gone. With what publishes them.
  struct Unresolved {
    const FrontAddress* published = nullptr;
    Seen<DnsAnswer> answer;
  };
  std::vector<Unresolved> unresolved;
};
// Names are resolved where DNS may be asked, by the first of the resolvers; those that only pods can resolve are left out.
[[nodiscard]] FrontTargets targets_of(const FrontHost& host, const Facts& facts);

// The objects by which the way in is set up, the Gateway or Ingress and the Services, changed less than `address_grace` of its
// controller ago: a load balancer takes minutes to be made.
[[nodiscard]] bool is_being_made(const FrontHost& host, const Front& front, const Path& path, const Facts& facts);
[[nodiscard]] bool is_young(const Meta& meta, const Controller* controller, const Facts& facts);
// The controller of a host's Gateway or Ingress in the table, or nullptr.
[[nodiscard]] const Controller* controller_of(const FrontHost& host, const Path& path);

struct Asked {
  std::string annotation;  // its key
  std::string value;
  [[nodiscard]] std::string path() const;  // metadata.annotations["…"]
};
// The annotation by which a Service asks its load balancer to send the PROXY protocol; nothing where it does not.
[[nodiscard]] std::optional<Asked> asks_for_proxy_protocol(const Service& service);
// The annotation by which TLS is to end at the load balancer for this port, so that the port's target gets plain text.
[[nodiscard]] std::optional<Asked> asks_for_tls_end(const Service& service, const ServicePort& port);

// Arguments of the containers of a workload's pods, command included.
[[nodiscard]] std::vector<std::string> arguments_of(const Known<Workload>& workload);
// One of the arguments that begins so, whatever the case of its letters; "" where there is none.
[[nodiscard]] std::string argument(const std::vector<std::string>& arguments, std::string_view prefix);
// The value of a flag as Go's flag packages read it: -name=value, --name=value, or in the word that follows.
struct Flag {
  std::string value;
  std::string path;  // of the word that holds it: spec.template.spec.containers[0].args[2]
};
// A word of which it can be told that it is a flag of the program: not -c of a shell.
[[nodiscard]] bool is_long_flag(std::string_view word);
// Nothing where it is not among the arguments.
[[nodiscard]] std::optional<Flag> flag_of(const Known<Workload>& workload, std::string_view name);
// The object that a value NAMESPACE/NAME stands for; $(POD_NAMESPACE) is the workload's. Nothing for any other value.
[[nodiscard]] std::optional<Ref> object_named_by(std::string_view value, Kind kind, std::string_view workload_ns);

}  // namespace gwdoctor
