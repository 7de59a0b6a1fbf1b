#pragma once
// What both halves of the oracle need: hostnames and age, by the text.

#include "tests/router/oracle.h"

namespace gwdoctor::oracle {

[[nodiscard]] bool is_wild(const std::string& host);
// Whether a hostname stands for a host; "" stands for every one.
[[nodiscard]] bool host_matches(const std::string& pattern, const std::string& host);
// The hostnames under which a listener serves a route; none: it does not attach.
[[nodiscard]] std::vector<std::string> effective_hostnames(const Listener& listener, const Route& route);
// Whether an object is preferred where nothing else decides.
[[nodiscard]] bool older(const Meta& one, const Meta& other);

}  // namespace gwdoctor::oracle
