#pragma once
// Which of the kinds that are read the API server serves, and in which version.
// Aggregated discovery (KEP-3352, v2 since 1.30) takes two requests; older servers are asked group by group.

#include <array>
#include <string>
#include <vector>

#include "kube/kind.h"
#include "kube/source.h"
#include "kube/transport.h"

namespace gwdoctor {

class Discovery {
 public:
  // What is known of a kind: present with the version to ask for (the first of KindInfo::versions that is served),
  // absent (proved: not served), or unknown with the reason (discovery failed or is forbidden, the group is stale).
  struct Entry {
    State state = State::wanted;
    std::string version;
    Why why;
  };

  // The two requests that start discovery, for /api and /apis.
  [[nodiscard]] static std::vector<HttpRequest> first_requests();
  // Takes the answers to first_requests(), in that order. Returns what has to be asked in addition where the server
  // does not know aggregated discovery: nothing otherwise.
  [[nodiscard]] std::vector<HttpRequest> take(const std::vector<Result<HttpResponse>>& answers);
  // Takes the answers to what take() returned, in that order.
  void take_legacy(const std::vector<Result<HttpResponse>>& answers);

  [[nodiscard]] const Entry& operator[](Kind kind) const { return entries_[static_cast<std::size_t>(kind)]; }
  // True where both answers of first_requests() and all that followed were understood.
  [[nodiscard]] bool complete() const;

 private:
  struct LegacyQuestion {
    std::string group;
    std::string version;
  };
  Entry& entry(Kind kind) { return entries_[static_cast<std::size_t>(kind)]; }
  void fail_half(bool core, const Why& why);
  void take_half(bool core, const Result<HttpResponse>& answer, std::vector<HttpRequest>& more);
  void take_legacy_groups(bool core, const Value& body, std::vector<HttpRequest>& more);
  void ask_legacy(const std::string& group, const std::vector<std::string>& versions, std::vector<HttpRequest>& more);

  std::array<Entry, kind_count> entries_;
  std::vector<LegacyQuestion> questions_;
};

}  // namespace gwdoctor
