#pragma once
// A request and the way in that is meant.

#include <optional>
#include <string>
#include <vector>

#include "chain/request/request.h"
#include "chain/router/outcome.h"
#include "kube/facts.h"

namespace gwdoctor {

// Where requests enter: a Gateway, or the controller of Ingresses of one class.
struct EntryPoint {
  enum class Kind { gateway, ingress };
  Kind kind = Kind::gateway;
  std::string ns;    // of the Gateway
  std::string name;  // of the Gateway, or of the IngressClass; "" for Ingresses without a class

  friend bool operator==(const EntryPoint&, const EntryPoint&) = default;
  friend auto operator<=>(const EntryPoint&, const EntryPoint&) = default;
};

struct Question {
  Request request;
  // The namespaces whose routes are looked at where all may not be listed: that of the command line first.
  std::string ns;
  std::optional<EntryPoint> entry;  // the one entrance to trace; a Gateway without a name: there is none
  // What could not be looked up when no entrance was found that takes the request: it may be there.
  std::vector<Unread> unread;
};

}  // namespace gwdoctor
