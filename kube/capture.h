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

// The facts as a document: {"apiVersion": "gwdoctor.dev/v1", "kind": "Capture", "takenAt": …, "settings": {…}, "facts": […]}. The
// settings are what the checks went by: public, expiryWarning (seconds), probePath, dnsServers, and the mere name of a caFile.
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
  [[nodiscard]] std::string recorded_path() const override { return probe_path_; }
  [[nodiscard]] RecordedSettings recorded_settings() const override { return settings_; }
  // The objects of a kind that the capture holds, for completing a target's name.
  [[nodiscard]] std::vector<Ref> refs(Kind kind) const;

 private:
  [[nodiscard]] Answer answer(const Wish& wish) const;
  void read_settings(const Value& settings);
  Time now_{};
  RecordedSettings settings_;
  std::string probe_path_{"/"};
  std::optional<std::vector<std::string>> dns_servers_;  // nothing in captures that do not tell
  std::map<Wish, Answer> facts_;
};

}  // namespace gwdoctor
