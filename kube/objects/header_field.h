#pragma once
// A header of a request or response: as a route's filters write it, and as it goes over the wire.

#include <string>

namespace gwdoctor {

struct HeaderField {
  std::string name;  // as written; compared without regard to case (RFC 9110, 5.1)
  std::string value;

  friend bool operator==(const HeaderField&, const HeaderField&) = default;
};

}  // namespace gwdoctor
