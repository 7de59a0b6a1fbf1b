#pragma once
// What a check is, and how it speaks. A check is a pure function of the facts and the path; it says of a stretch of
// the path one of: fail, pass, unknown, or nothing where it does not apply.

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chain/path.h"
#include "checks/fix.h"
#include "kube/facts.h"
#include "kube/few.h"

namespace gwdoctor {

enum class Severity { info, warning, error };
enum class Layer { dns, loadbalancer, controller, klass, ingress, gateway, route, grant, service, endpoints, pods, tls, policy };

// proved: follows from API objects whatever the controller. observed: a condition, an event or a probe says so.
// likely: depends on how the controller behaves. Only proved and observed findings explain others.
enum class Certainty { proved, observed, likely };

// What a finding does to the streams in its scope.
enum class Impact {
  none,  // nothing yet: a risk, or advice
  part,  // some of the requests of these streams, or their capacity
  all,   // every request of these streams
};

[[nodiscard]] std::string_view severity_name(Severity severity);
[[nodiscard]] std::string_view layer_name(Layer layer);
[[nodiscard]] std::string_view certainty_name(Certainty certainty);

class Verdicts;

struct Check {
  std::string_view code;                // the folder's name; stable
  std::string_view title;               // lowercase, one line, no final stop
  Severity severity = Severity::error;  // unless the check says otherwise
  Layer layer = Layer::route;
  Few<Kind> reads{};  // the kinds it looks at; tested against what it really reads
  // Codes that this one explains wherever both concern a common stream. "code" or "code/reason": only findings of that
  // reason. The graph over all checks is acyclic (tested).
  Few<std::string_view> explains{};
  // The same edges from the other end, for what clients see of a fault whichever it is: codes whose findings explain those of
  // this check wherever both concern a common stream. A finding may narrow them (FindingBuilder::explained_by).
  std::span<const std::string_view> explained_by{};
  bool advice = false;  // printed once, last; changes no verdict (rulings, 3)
  void (*run)(const Facts& facts, const Path& path, Verdicts& out) = nullptr;
};

// Every check, in the order of their codes (generated from the folders).
[[nodiscard]] std::span<const Check* const> all_checks();
// The check of this code, or nullptr.
[[nodiscard]] const Check* find_check(std::string_view code);
// The page of a check (its doc.md), or "" where there is none.
[[nodiscard]] std::string_view check_page(std::string_view code);

struct Evidence {
  Ref object;
  std::string path;
  Value value;
};

struct Finding {
  const Check* check = nullptr;
  std::string reason;  // the finer mode of failures/, or ""
  Severity severity = Severity::error;
  Certainty certainty = Certainty::proved;
  Impact impact = Impact::all;
  Ref object;        // the one that the fix edits (rulings, 1)
  std::string path;  // the field in it; "" for the whole object
  std::string message;
  std::vector<Evidence> evidence;
  std::vector<Ref> affects;
  Scope scope;
  std::optional<Fix> fix;
  std::optional<std::vector<std::string_view>> explained_by;  // of Check::explained_by, those that fit; nothing: all of them
};

// Says what a finding is, in a chain of calls. Everything but object() and says() has a default.
class FindingBuilder {
 public:
  explicit FindingBuilder(Finding& finding) : finding_(finding) {}

  FindingBuilder& object(const Ref& object, std::string_view path = {});
  template <class... Args>
  FindingBuilder& says(fmt::format_string<Args...> format, Args&&... args) {
    finding_.message = fmt::format(format, std::forward<Args>(args)...);
    return *this;
  }
  // Evidence: the value at `path` of the object that was seen.
  template <class T>
  FindingBuilder& saw(const Seen<T>& seen, const Ref& object, std::string_view path) {
    return saw(object, path, seen.document().at_path(path));
  }
  FindingBuilder& saw(const Ref& object, std::string_view path, Value value);
  FindingBuilder& affects(const Ref& object);
  FindingBuilder& reason(std::string_view reason);
  FindingBuilder& severity(Severity severity);  // a warning breaks nothing unless impact() says so afterwards
  FindingBuilder& certainty(Certainty certainty);
  FindingBuilder& impact(Impact impact);
  FindingBuilder& explained_by(std::vector<std::string_view> codes);
  FindingBuilder& fix(Fix fix);
  FindingBuilder& fix(std::optional<Fix> fix);

 private:
  Finding& finding_;
};

// A fact that a check needed and could not have.
struct Blind {
  const Check* check = nullptr;
  Wish wish;
  Why why;
  Scope scope;
};

// A check that looked and found nothing wrong.
struct Passed {
  const Check* check = nullptr;
  Scope scope;
};

class Verdicts {
 public:
  // The streams in `scope` are broken (or at risk) as the returned builder goes on to say.
  FindingBuilder fail(const Scope& scope);
  void pass(const Scope& scope);
  // The check needed `seen` to judge `scope`, and it is unknown. Nothing happens while it is still being fetched.
  template <class T>
  void unknown(const Scope& scope, const Seen<T>& seen) {
    unknown(scope, seen.wish(), seen.why());
  }
  void unknown(const Scope& scope, const Wish& wish, const Why& why);

  // For the engine.
  void begin(const Check& check) { check_ = &check; }
  std::vector<Finding>& findings() { return findings_; }
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  [[nodiscard]] const std::vector<Blind>& blinds() const { return blinds_; }
  [[nodiscard]] const std::vector<Passed>& passes() const { return passes_; }

 private:
  const Check* check_ = nullptr;
  std::vector<Finding> findings_;
  std::vector<Blind> blinds_;
  std::vector<Passed> passes_;
};

}  // namespace gwdoctor
