#pragma once
// What controllers say of a Gateway and its listeners, read once and the same way by every check of this layer.

#include <cstdint>
#include <string>
#include <string_view>

#include "chain/path.h"

namespace gwdoctor {

// What a condition says of the object as it stands.
enum class Word {
  none,  // there is no such condition
  yes,
  no,
  waiting,  // Unknown, the CRD's default, or False because the controller has not come to it yet
  stale,    // about an earlier generation
};
// `generation` is that of the object; 0 (a manifest) makes nothing stale. An observedGeneration of 0 was not set.
[[nodiscard]] Word word(const Conditions& conditions, std::string_view type, std::int64_t generation);
// The same where the condition is known to exist or not.
[[nodiscard]] Word word(const Condition* condition, std::int64_t generation);

// A controller says of the Gateway, as it stands, that it is programmed.
[[nodiscard]] bool is_programmed(const Gateway& gateway);

// What is wrong with a listener by its status: the first of these that holds, so that each fault has one code.
enum class ListenerFault {
  none,
  unsaid,          // no status, or none about this generation
  conflicted,      // listener-conflicted
  certificate,     // listener-certificate-invalid
  not_accepted,    // gateway-not-accepted
  not_programmed,  // gateway-not-programmed
};
[[nodiscard]] ListenerFault fault_of(const ListenerView& listener);
// The condition that tells the fault, or nullptr.
[[nodiscard]] const Condition* condition_of(const ListenerView& listener, ListenerFault fault);
// The controller says that the listener is programmed, and of no conflict.
[[nodiscard]] bool is_served(const ListenerView& listener);
// The streams of those listeners of which the status does not say that all is well.
[[nodiscard]] Scope faulty_listeners(const GatewayView& gateway, const Path& path);

// The generation of the object that holds the listener; 0 where it has none.
[[nodiscard]] std::int64_t generation_of(const ListenerView& listener);
// "listener https of Gateway platform-ingress/public-web".
[[nodiscard]] std::string text_of(const ListenerView& listener);
// "HTTPS on port 443 for *.example.com": what tells listeners apart.
[[nodiscard]] std::string shape_of(const Listener& listener);
// "InvalidParameters (the ConfigMap does not exist)": reason and message, on one line.
[[nodiscard]] std::string said(const Condition& condition);
// The conditions' path of an element of status: status.listeners[0].conditions.
[[nodiscard]] std::string conditions_path(const ListenerView& listener);

// The path of one condition in a list of them: status.conditions[1]. The list's own where it has none of this type.
[[nodiscard]] std::string condition_path(const Value& document, std::string_view list, std::string_view type);

// For people: the controller's name in the table, else its controllerName, else "its controller".
[[nodiscard]] std::string controller_name(const Path& path, std::size_t controller);

}  // namespace gwdoctor
