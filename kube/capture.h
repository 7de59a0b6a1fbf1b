#pragma once
// A run written down: every fact that was read, redacted as it was when it arrived, and the time. Replayed, it gives
// the same diagnosis on the capture's own clock.

#include <map>
#include <string>
#include <string_view>

#include "kube/error.h"
#include "kube/facts.h"
#include "kube/source.h"

namespace gwdoctor {

// The facts as a document: {"apiVersion": "gwdoctor.dev/v1", "kind": "Capture", "takenAt": …, "facts": […]}.
[[nodiscard]] Value capture_document(const Facts& facts);
// True for a document of that kind.
[[nodiscard]] bool is_capture(const Value& document);

class CaptureSource final : public Source {
 public:
  // An error says what the file lacks.
  [[nodiscard]] static Result<CaptureSource> parse(const Value& document, std::string_view name);

  // What the run never asked for is unknown (not collected), unless a complete list in the capture answers it.
  [[nodiscard]] std::vector<Answer> fill(const std::vector<Wish>& wishes) override;
  [[nodiscard]] Time now() const override { return now_; }
  [[nodiscard]] std::set<ProbeKind> recorded() const override;
  [[nodiscard]] std::vector<std::string> recorded_servers() const override;
  // The objects of a kind that the capture holds, for completing a target's name.
  [[nodiscard]] std::vector<Ref> refs(Kind kind) const;

 private:
  [[nodiscard]] Answer answer(const Wish& wish) const;
  Time now_{};
  std::map<Wish, Answer> facts_;
};

}  // namespace gwdoctor
