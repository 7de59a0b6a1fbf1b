#pragma once
// Which listener of a Gateway a request or connection meets. Internal to chain/router/.

#include <optional>
#include <string>
#include <vector>

#include "chain/router/gateway_table.h"

namespace gwdoctor {

struct ListenerChoice {
  // The listeners whose rules are tried, in order: one, or more where the implementation does not isolate listeners.
  std::vector<std::size_t> tried;
  bool stream = false;  // the listener carries the connection on, unread: TLS, TCP or UDP
  // Where `tried` is empty, or the request is turned away in spite of it:
  std::optional<Action> action;
  std::optional<std::int64_t> status;
  std::string reason;
  std::vector<std::string> notes;
};

// GatewaySpec.listeners and Listener.hostname (Gateway API v1.6).
[[nodiscard]] ListenerChoice choose_listener(const Request& request, const GatewayTable& table);

}  // namespace gwdoctor
