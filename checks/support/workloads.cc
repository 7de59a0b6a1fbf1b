#include "checks/support/workloads.h"

#include <algorithm>
#include <array>

#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

struct Mark {
  std::string_view prefix;
  std::string_view name;
};

// Prefixes of labels and annotations.
constexpr std::array marks{
    Mark{"scaledobject.keda.sh/", "KEDA"},         Mark{"autoscaling.keda.sh/", "KEDA"},
    Mark{"http.keda.sh/", "the KEDA HTTP add-on"}, Mark{"serving.knative.dev/", "Knative"},
    Mark{"autoscaling.knative.dev/", "Knative"},   Mark{"sablier.", "Sablier"},
};

std::string mark_in(const Labels& labels) {
  for (const auto& [key, value] : labels) {
    for (const Mark& mark : marks) {
      if (key.starts_with(mark.prefix)) return std::string(mark.name);
    }
  }
  return {};
}

}  // namespace

std::string autoscaler_of(const Workload& workload) {
  const std::string by_label = mark_in(workload.meta.labels);
  return by_label.empty() ? mark_in(workload.meta.annotations) : by_label;
}

std::vector<Known<Workload>> scaled_to_zero(const BackendView& backend) {
  if (!backend.has_selector) return {};
  // Where the pods may not be read, the path holds workloads only if nothing serves.
  const bool any_pod = backend.pods.present() && std::any_of(backend.pods->begin(), backend.pods->end(),
                                                             [](const Known<Pod>& pod) { return is_meant_to_serve(*pod); });
  const bool any_wants = std::any_of(backend.workloads.begin(), backend.workloads.end(),
                                     [](const Known<Workload>& workload) { return workload->replicas != 0; });
  if (any_pod || any_wants) return {};
  std::vector<Known<Workload>> idle = backend.workloads;
  std::sort(idle.begin(), idle.end(),
            [](const Known<Workload>& left, const Known<Workload>& right) { return left->meta.ref < right->meta.ref; });
  return idle;
}

}  // namespace gwdoctor
