#include <algorithm>
#include <array>

#include "checks/check.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

// The kubelet's reasons for a container that waits for its image (pkg/kubelet/images).
bool waits_for_image(const ContainerState& state) {
  constexpr std::array<std::string_view, 6> reasons{"ErrImagePull",      "ImagePullBackOff",    "InvalidImageName",
                                                    "ErrImageNeverPull", "RegistryUnavailable", "SignatureValidationFailed"};
  return std::find(reasons.begin(), reasons.end(), state.waiting_reason) != reasons.end();
}

const ContainerState* waiting_container(const Pod& pod) {
  const auto found = std::find_if(pod.states.begin(), pod.states.end(), waits_for_image);
  return found == pod.states.end() ? nullptr : &*found;
}

const Container* container_named(const Pod& pod, std::string_view name) {
  for (const Container& container : pod.containers) {
    if (container.name == name) return &container;
  }
  return nullptr;
}

enum class Cause { missing, refused, limited, unreachable, invalid, never, other };

Cause cause_of(const ContainerState& state, std::string_view message) {
  const auto says = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return message.find(word) != std::string_view::npos; });
  };
  if (state.waiting_reason == "InvalidImageName") return Cause::invalid;
  if (state.waiting_reason == "ErrImageNeverPull") return Cause::never;
  if (says({"toomanyrequests", "429 Too Many", "rate limit"})) return Cause::limited;
  if (says({"no such host", "i/o timeout", "connection refused", "deadline exceeded", "TLS handshake", "x509:"}))
    return Cause::unreachable;
  // Docker Hub answers "access denied" for a repository that does not exist, so that comes before "not found".
  if (says({"unauthorized", "denied", "authentication required", "401", "403 Forbidden"})) return Cause::refused;
  if (says({"manifest unknown", "not found", "does not exist", "NotFound"})) return Cause::missing;
  return Cause::other;
}

std::string words_for(Cause cause, const ContainerState& state, std::string_view message) {
  switch (cause) {
    case Cause::missing:
      return "the registry has no such image or tag";
    case Cause::refused:
      return "the registry refuses access";
    case Cause::limited:
      return "the registry limits the rate of pulls";
    case Cause::unreachable:
      return "the registry cannot be reached: " + one_line(message);
    case Cause::invalid:
      return "that is no valid name of an image";
    case Cause::never:
      return "it is not on the node, and imagePullPolicy is Never";
    case Cause::other:
      break;
  }
  return message.empty() ? state.waiting_reason : state.waiting_reason + ": " + one_line(message);
}

Fix fix_for(Cause cause, const PodGroup& group, const ContainerState& state) {
  std::vector<std::string> commands{"kubectl describe " + kubectl_object(group.example()->meta.ref)};
  if (cause == Cause::refused) {
    return by_hand("give the pods an imagePullSecret that the registry accepts, or correct the image's name",
                   std::move(commands));
  }
  if (cause == Cause::limited || cause == Cause::unreachable) {
    return by_hand("make the registry reachable from the nodes, or pull from a mirror", std::move(commands));
  }
  if (group.owner.kind == "Deployment" && group.left != 0) {
    commands.push_back("kubectl rollout undo " + kubectl_object(group.owner));
  } else if (group.owner.kind != "Pod") {
    commands.push_back(fmt::format("kubectl set image {} {}=IMAGE", kubectl_object(group.owner), shell_quote(state.container)));
  }
  return by_hand("name an image that exists", std::move(commands));
}

void fail(const BackendView& backend, const PodGroup& group, const Facts& facts, Verdicts& out) {
  const Known<Pod>& pod = group.example();
  const ContainerState& state = *waiting_container(*pod);
  const Container* container = container_named(*pod, state.container);
  const std::string image = container != nullptr ? container->image : std::string();
  // While the kubelet backs off, only the event tells why (before Kubernetes 1.32).
  const auto event = newest_event(facts, *pod, {"Failed"}, "pull image");
  std::string message = state.waiting_message;
  if (event && message.starts_with("Back-off") && message.find("ErrImagePull") == std::string::npos) message = (*event)->message;
  const Cause cause = cause_of(state, message);
  FindingBuilder finding = fail_pods(group, group.container_path(state.container) + ".image", backend, facts, out);
  finding
      .says("{} cannot pull image {} of container {}: {}", group.text(), image, state.container, words_for(cause, state, message))
      .reason("pod-image-pull")
      .saw(pod->meta.ref, state.path + ".state.waiting", pod.document->at_path(state.path + ".state.waiting"))
      .fix(fix_for(cause, group, state));
  if (event) add_event(finding, *event);
}

// A container of the pods waits for an image that cannot be pulled.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.has_selector) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    if (!backend.pods.present()) continue;
    const std::vector<PodGroup> groups = groups_of(
        backend, facts, [&](const Known<Pod>& pod) { return is_late(*pod, facts) && waiting_container(*pod) != nullptr; });
    if (groups.empty()) out.pass(backend.scope);
    for (const PodGroup& group : groups) fail(backend, group, facts, out);
  }
}

}  // namespace

extern constinit const Check pod_image_pull{
    .code = "pod-image-pull",
    .title = "pods behind a Service cannot pull their image",
    .severity = Severity::error,
    .layer = Layer::pods,
    .reads = {Kind::pod, Kind::event, Kind::pod_disruption_budget},
    .explains = {"endpoints-not-ready", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor
