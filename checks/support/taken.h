#pragma once
// Which rule of the target a request is for, by the target's own objects alone.

#include "checks/support/visits.h"

namespace gwdoctor {

// `url` is what a client asks for at this host and port. Rules of other objects on the same entrance are not looked at: that one
// of them takes the request in place of the target's is not known here.
[[nodiscard]] Taken taken_by(const HttpUrl& url, const std::string& method, const FrontHost& host, const FrontPort& port,
                             const Path& path);

}  // namespace gwdoctor
