#include "chain/router/backend_tls.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/router/attached.h"

namespace gwdoctor {

namespace {

// PolicyTargetReference: the core group is written "".
bool is_service(const BackendTlsPolicy::Target& target, std::string_view service) {
  return target.group.empty() && target.kind == "Service" && target.name == service;
}

std::string age_words(const Meta& loser, const Meta& winner) {
  if (loser.created == winner.created) return "is as old, and later in the alphabet";
  if (!loser.created || !winner.created) return "is not created yet";
  return fmt::format("was created later ({} against {})", format_time(*loser.created), format_time(*winner.created));
}

std::string lost_words(const TargetingPolicy& loser, const TargetingPolicy& winner) {
  if (loser.target_spec().section.empty() && !winner.target_spec().section.empty()) return "is for the whole Service";
  return age_words(loser.policy->meta, winner.policy->meta);
}

// One of several targetRefs of a policy may concern the Service: the CRD lets either all or none of them name ports.
void add_targets(const Known<BackendTlsPolicy>& policy, std::string_view service, const std::optional<std::string>& section,
                 std::vector<TargetingPolicy>& here, BackendTlsChoice& out) {
  std::optional<std::size_t> best;
  std::optional<std::size_t> other;
  for (std::size_t at = 0; at < policy->targets.size(); ++at) {
    const BackendTlsPolicy::Target& target = policy->targets[at];
    if (!is_service(target, service)) continue;
    const bool meant = target.section.empty() || (section && target.section == *section);
    if (meant && (!best || policy->targets[*best].section.empty())) best = at;
    if (!meant && !other) other = at;
  }
  if (best) here.push_back({policy.object, *best});
  if (other && !best) out.elsewhere.push_back({policy.object, *other});
}

}  // namespace

BackendTlsChoice choose_backend_tls(const List<BackendTlsPolicy>& policies, std::string_view service_ns, std::string_view service,
                                    const std::optional<std::string>& section) {
  BackendTlsChoice out;
  std::vector<TargetingPolicy> here;
  for (const Known<BackendTlsPolicy>& policy : policies) {
    if (policy->meta.ref.ns == service_ns) add_targets(policy, service, section, here, out);
  }
  if (!section && !out.elsewhere.empty()) {
    out.state = BackendTlsChoice::State::unknown;
    return out;
  }
  const auto before = [](const TargetingPolicy& left, const TargetingPolicy& right) {
    const bool by_port = !left.target_spec().section.empty();
    if (by_port == right.target_spec().section.empty()) return by_port;
    return is_older(left.policy->meta, right.policy->meta);
  };
  std::sort(here.begin(), here.end(), before);
  std::sort(out.elsewhere.begin(), out.elsewhere.end(), before);
  if (here.empty()) return out;
  out.state = BackendTlsChoice::State::holds;
  out.winner = here.front();
  for (auto loser = here.begin() + 1; loser != here.end(); ++loser) {
    loser->lost = lost_words(*loser, out.winner);
    out.losers.push_back(*loser);
  }
  return out;
}

std::string scope_text(const BackendTlsPolicy::Target& target) {
  return target.section.empty() ? "the whole Service" : "port " + target.section;
}

namespace {

std::string authorities(const BackendTlsPolicy& policy) {
  if (policy.well_known_ca_certificates == "System") return "the system's CA certificates";
  if (!policy.well_known_ca_certificates.empty()) return policy.well_known_ca_certificates;
  std::string out;
  for (const ObjectRef& each : policy.ca_certificates)
    out += fmt::format("{}{} {}/{}", out.empty() ? "" : ", ", each.kind, each.ns, each.name);
  return out;
}

}  // namespace

BackendTls backend_tls_of(const BackendTlsChoice& choice) {
  const BackendTlsPolicy& policy = *choice.winner.policy;
  BackendTls out;
  out.policy = policy.meta.ref;
  out.hostname = policy.hostname;
  out.section = choice.winner.target_spec().section;
  out.ca = authorities(policy);
  for (const TargetingPolicy& loser : choice.losers) out.others.push_back({loser.policy->meta.ref, loser.lost});
  return out;
}

}  // namespace gwdoctor
