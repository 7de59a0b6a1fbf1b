#pragma once
// Who wrote an answer: a proxy on the way, by the words and headers of its error pages, or the application behind it.

#include <string>
#include <string_view>
#include <vector>

#include "kube/objects/header_field.h"

namespace gwdoctor {

struct Speaker {
  // Of the controller's row in chain/controllers.h; "application"; "" where nobody is recognised, or where several controllers
  // have the same data plane (Envoy, nginx, HAProxy) and it is not known which one is meant.
  std::string id;
  std::string name;       // for people: "Envoy", "AWS Application Load Balancer"; "" where nobody is recognised
  std::string certainty;  // "certain", "likely"; "" where nobody is recognised
  std::string sign;       // by what: body "no healthy upstream"
  std::string means;      // what that speaker says with it, one line without a final stop; "" where it says nothing

  [[nodiscard]] bool known() const { return !name.empty(); }
};

// `headers` with names in lower case, `body` as far as it is known. `expected`: the id of the controller that is thought to serve
// the request, "" for none; it decides between controllers that share a data plane and never makes a speaker of itself.
[[nodiscard]] Speaker speaker_of(int status, const std::vector<HeaderField>& headers, std::string_view body,
                                 std::string_view expected = {});

}  // namespace gwdoctor
