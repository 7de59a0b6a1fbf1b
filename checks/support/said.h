#pragma once
// What a controller said of a route, as far as it can stand in for a fact that could not be read.

#include <optional>
#include <string>
#include <string_view>

#include "chain/path.h"

namespace gwdoctor {

struct Said {
  Condition condition;
  std::string path;  // status.parents[0].conditions
  // "BackendNotFound (service not found)": reason and message, for messages.
  [[nodiscard]] std::string text() const;
  // Whether the message has this word, as a word.
  [[nodiscard]] bool mentions(std::string_view word) const;
};

// The condition of this type that is False for this reason, up to date with the spec, on the route of a leg: of the
// first parentRef for which the controller of its Gateway's class wrote it. Nothing for an Ingress.
[[nodiscard]] std::optional<Said> said_of_route(const Facts& facts, const Path& path, const Leg& leg, std::string_view type,
                                                std::string_view reason);

// Whether the message names this leg's backend.
[[nodiscard]] bool is_about(const Said& said, const Path& path, const Leg& leg);

}  // namespace gwdoctor
