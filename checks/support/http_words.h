#pragma once
// What an HTTP answer says, for people.

#include <string>

#include "kube/objects/observed.h"

namespace gwdoctor {

// The first line of its body that says something, fit for one line: the title of an HTML page, else the first line of text that
// is not empty. "" where there is none, or where the body is no text.
[[nodiscard]] std::string said_by(const HttpAnswer& answer);

}  // namespace gwdoctor
