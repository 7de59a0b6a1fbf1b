#pragma once
// A source turns wishes into answers: the live cluster, manifests on disk, a capture.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kube/kind.h"
#include "kube/time.h"
#include "kube/value.h"

namespace gwdoctor {

// What may be observed beside the objects (--probe). `service` is a request through the API server's proxy.
enum class ProbeKind { dns, tcp, tls, http, service };
[[nodiscard]] std::string_view probe_name(ProbeKind probe);
[[nodiscard]] std::optional<ProbeKind> probe_named(std::string_view name);

// One thing that somebody wants to know.
struct Wish {
  enum class What {
    object,  // kind, ns, name
    list,    // kind, ns ("" for all namespaces), label selector, field selector
    served,  // kind: is it served, and in which version
    // Observations (kube/observation.h makes them from questions): `name` is what is observed, a host or an address, and `fields`
    // holds the further parameters. `kind` and `ns` mean something for proxy alone.
    dns,
    tcp,
    tls,
    http,
    proxy,
  };
  What what = What::object;
  Kind kind = Kind::pod;
  std::string ns;
  std::string name;
  std::string selector;  // labels, in the form of `kubectl -l`
  std::string fields;    // in the form of `kubectl --field-selector`: involvedObject.name=x,involvedObject.kind=Pod

  friend bool operator==(const Wish&, const Wish&) = default;
  friend auto operator<=>(const Wish&, const Wish&) = default;
  // The probe that observes it; nothing for what the API server knows.
  [[nodiscard]] std::optional<ProbeKind> probe() const;
  // "Service payments/payments-api", "pods in payments with app=payments-api", "DNS of pay.example",
  // "TLS at 203.0.113.10:443 for pay.example": for people.
  [[nodiscard]] std::string text() const;
};

// The permission that a reader lacks, as RBAC names it.
struct Needs {
  std::string verb;
  std::string group;
  std::string resource;
  std::string ns;
  friend bool operator==(const Needs&, const Needs&) = default;
  friend auto operator<=>(const Needs&, const Needs&) = default;
};

// Why a fact is unknown. The reasons are those of the JSON contract.
struct Why {
  // `pending` is added to the contract: the controller has not answered yet and its time of grace is not over.
  enum class Reason { forbidden, timeout, not_served, not_collected, expired, vantage, pending, error };
  Reason reason = Reason::error;
  std::string message;  // one line, for people
  std::optional<Needs> needs;
};
[[nodiscard]] std::string_view reason_name(Why::Reason reason);  // "not-collected"

enum class State {
  present,
  absent,  // proved: a 404 that names the object, a complete list, a kind that is not served
  unknown,
  wanted,  // asked for, not fetched yet
};

struct Answer {
  State state = State::unknown;
  std::vector<Value> documents;  // of an object: one; of a list: all; already redacted (kube/redact.h)
  std::string version;           // of a served kind: "v1"
  Why why;                       // where unknown
};

// What the checks of a recorded run went by, beside its probes; nothing where the recording does not tell.
struct RecordedSettings {
  std::optional<bool> public_view{};        // --public
  std::optional<Seconds> expiry_warning{};  // --expiry-warning
  std::string ca_file{};                    // the name of the file of --ca-file, without its folder; "" where there was none
};

class Source {
 public:
  virtual ~Source() = default;
  // Answers every wish, in order, all of them in one round trip where the source is far away. Never `wanted`, but for
  // observations that still run while other wishes of the same call were answered: they are to be asked for again. A list is
  // present even when it is empty. A list or object of a kind that is not served is absent.
  [[nodiscard]] virtual std::vector<Answer> fill(const std::vector<Wish>& wishes) = 0;
  // The time at which the facts hold: now, or that of the capture.
  [[nodiscard]] virtual Time now() const = 0;
  // The file and line that hold an object; "" and 0 for a cluster.
  struct Place {
    std::string file;
    std::uint32_t line = 0;
  };
  [[nodiscard]] virtual Place place(const Ref&) const { return {}; }

  // The observations that a recorded run holds: only these may be asked for in a replay. Empty for a cluster.
  [[nodiscard]] virtual std::set<ProbeKind> recorded() const { return {}; }
  // The DNS servers that its DNS observations name; "" is not among them.
  [[nodiscard]] virtual std::vector<std::string> recorded_servers() const { return {}; }
  // The path that its run asked for by HTTP; "/" where that is not known.
  [[nodiscard]] virtual std::string recorded_path() const { return "/"; }
  [[nodiscard]] virtual RecordedSettings recorded_settings() const { return {}; }

  struct Stats {
    int requests = 0;
    int rounds = 0;
    std::size_t bytes = 0;
  };
  [[nodiscard]] virtual Stats stats() const { return {}; }
};

}  // namespace gwdoctor
