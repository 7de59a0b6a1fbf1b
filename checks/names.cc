#include "checks/check.h"

namespace gwdoctor {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

std::string_view layer_name(Layer layer) {
  switch (layer) {
    case Layer::dns:
      return "dns";
    case Layer::loadbalancer:
      return "loadbalancer";
    case Layer::controller:
      return "controller";
    case Layer::klass:
      return "class";
    case Layer::ingress:
      return "ingress";
    case Layer::gateway:
      return "gateway";
    case Layer::route:
      return "route";
    case Layer::grant:
      return "grant";
    case Layer::service:
      return "service";
    case Layer::endpoints:
      return "endpoints";
    case Layer::pods:
      return "pods";
    case Layer::tls:
      return "tls";
    case Layer::policy:
      return "policy";
  }
  return "";
}

std::string_view certainty_name(Certainty certainty) {
  switch (certainty) {
    case Certainty::proved:
      return "proved";
    case Certainty::observed:
      return "observed";
    case Certainty::likely:
      return "likely";
  }
  return "";
}

}  // namespace gwdoctor
