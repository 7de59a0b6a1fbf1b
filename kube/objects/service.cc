#include "kube/objects/service.h"

#include <algorithm>

namespace gwdoctor {

const ServicePort* Service::port(std::int64_t number) const {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const ServicePort& one) { return one.port == number; });
  return found == ports.end() ? nullptr : &*found;
}

const ServicePort* Service::port(std::string_view name) const {
  if (name.empty()) return nullptr;
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const ServicePort& one) { return one.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

std::string Service::port_list() const {
  std::string out;
  for (const ServicePort& one : ports) {
    if (!out.empty()) out += ", ";
    out += std::to_string(one.port);
    if (!one.name.empty()) out += " (" + one.name + ")";
  }
  return out.empty() ? "no ports" : out;
}

}  // namespace gwdoctor
