#pragma once
// The diagnosis: one argument about one target. The JSON contract (docs/schema/) is a projection of it.

#include <optional>
#include <string>
#include <vector>

#include "checks/check.h"
#include "report/http_seen.h"
#include "report/sent.h"

namespace gwdoctor {

enum class Verdict { healthy, at_risk, degraded, broken, unknown };
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

enum class Role { cause, consequence, risk };
[[nodiscard]] std::string_view role_name(Role role);

enum class Restores { none, some, all };
[[nodiscard]] std::string_view restores_name(Restores restores);

// Who last wrote the field of a finding, by managedFields.
struct Changed {
  std::string manager;
  Time time;
};

// What came of trying the fix on the facts.
struct Trial {
  std::optional<bool> verified;  // nothing: the facts do not suffice to tell
  Restores restores = Restores::none;
};

struct Argued {
  Finding finding;
  int rank = 0;
  Role role = Role::cause;
  std::optional<int> explained_by;  // the rank of the cause
  std::optional<Changed> changed;
  std::optional<Trial> trial;  // where the fix holds a patch
  std::string breaks;          // "all requests", "requests to /v2"; "" for a risk
  std::string rank_reason;     // why it stands where it stands
};

enum class LayerState { ok, warning, error, unknown, skipped };
[[nodiscard]] std::string_view layer_state_name(LayerState state);

// One layer of the chain, outermost first.
struct Link {
  Layer layer = Layer::route;
  LayerState state = LayerState::skipped;
  std::vector<Ref> objects;
  std::string detail;
};

struct Unknown {
  std::string fact;
  Why why;
};

struct Together {
  std::vector<int> fixes;  // ranks
  Verdict verdict = Verdict::unknown;
};

struct Stats {
  int requests = 0;
  int rounds = 0;
  std::size_t bytes = 0;
  long milliseconds = 0;
};

struct Suppressed {
  std::string code;
  Ref object;
};

struct Diagnosis {
  Ref target;
  std::shared_ptr<const Trace> trace;  // where the target is a request
  std::optional<Sent> sent;            // where it was sent as well
  Verdict verdict = Verdict::unknown;
  std::string summary;  // one sentence: the answer
  Time taken_at;
  std::vector<Link> chain;
  std::vector<Argued> findings;  // by rank
  std::optional<Together> together;
  std::vector<Unknown> unknowns;
  std::vector<HttpSeen> http;  // by --probe http
  std::vector<Suppressed> suppressed;
  std::vector<std::string> accepted_unknowns;  // by --accept-unknown
  Stats stats;
};

// The verdict of a list: its worst item's. An unknown is worse than a risk; no item at all is healthy.
[[nodiscard]] Verdict worst_verdict(const std::vector<Diagnosis>& diagnoses);

}  // namespace gwdoctor
