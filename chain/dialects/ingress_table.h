#pragma once
// The routing table of the Ingresses that one controller serves, in its own order of precedence. networking.k8s.io/v1 leaves much
// to controllers (ImplementationSpecific paths, merging, annotations): each has its dialect in this folder.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/request/path.h"
#include "chain/router/outcome.h"
#include "chain/router/question.h"
#include "kube/facts.h"
#include "kube/few.h"

namespace gwdoctor {

// One path of one Ingress (or its default backend), as its controller matches it.
struct IngressEntry {
  std::shared_ptr<const Ingress> ingress;
  std::size_t rule = static_cast<std::size_t>(-1);  // none: the default backend
  std::size_t path = 0;
  std::string host;  // "" is any; a server alias where the dialect adds one

  [[nodiscard]] bool is_default() const { return rule == static_cast<std::size_t>(-1); }
  [[nodiscard]] const IngressBackend& backend() const {
    return is_default() ? *ingress->default_backend : ingress->rules[rule].paths[path].backend;
  }
  [[nodiscard]] const IngressPath* spec() const { return is_default() ? nullptr : &ingress->rules[rule].paths[path]; }
};

struct IngressTable;

// Which paths an entry takes, in the terms of its data plane.
struct PathShape {
  enum class Kind {
    any,
    exact,
    elements,     // a prefix by path elements
    characters,   // a prefix by characters
    regex,        // from the start of the path
    whole_regex,  // of the whole path
    globs,        // * and ?, any one of `globs`
  };
  Kind kind = Kind::any;
  std::string text;
  std::vector<std::string> globs;
  bool folds_case = false;
  std::string conditions;  // what else the entry asks for: method, headers; "" for nothing
};

// A controller's way with Ingresses.
struct IngressDialect {
  std::string_view id;       // of the controller's row; "" for networking.k8s.io/v1 alone
  std::string_view name;     // for people
  std::string_view version;  // for which it was established
  PathTreatment path{};
  // Sorts and completes the table: merges, drops what the controller drops (with the reason in `dropped`).
  void (*compile)(IngressTable& table) = nullptr;
  // Whether an entry takes a request; the path as treated.
  struct Match {
    enum class Verdict { yes, no, unknown };
    Verdict verdict = Verdict::no;
    std::string failed;  // the condition that is not met, or why it is unknown
    int met = 0;
  };
  Match (*match)(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) = nullptr;
  // Why `loser` stands behind `winner` in the order: "shorter path (4 < 7)", "Prefix after Exact", "the younger Ingress".
  std::string (*lost_by)(const IngressEntry& loser, const IngressEntry& winner, const IngressTable& table) = nullptr;
  // Fills the outcome of a request that the entry serves: redirects (ssl-redirect, app-root, from-to-www), rewrites, canaries as
  // weighted backends, fixed responses.
  void (*apply)(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                Outcome& out) = nullptr;
  bool known = true;  // false: the rules of the API stand in for a controller whose dialect is not known
  // The paths of an entry. What has none takes part in no comparison of entries.
  PathShape (*shape)(const IngressEntry& entry, const IngressTable& table) = nullptr;
  // The data plane chooses a virtual host first: a request that none of its paths takes never gets to another host's.
  bool host_first = false;
  // The load balancer that serves an Ingress, where the Ingresses of a class do not share one; null where they do.
  std::string (*balancer)(const Ingress& ingress) = nullptr;
  // Among entries that take the request, where the order of the table is not that of every path; null where it is.
  bool (*goes_first)(const IngressEntry& left, const IngressEntry& right, std::string_view path) = nullptr;
  // Answers what is answered before any path is looked at: true where it did.
  bool (*intercept)(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) = nullptr;
  // Fills the outcome of a request that no entry takes, where that is more than a 404.
  void (*nothing)(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) = nullptr;
  std::string_view not_found = "answers 404";  // what it does then, after its name
  Few<std::string_view> notes{};               // told of every request
};

// The dialect of a controller's row; that of the API alone, with `known` false, for any other.
[[nodiscard]] const IngressDialect& ingress_dialect(std::string_view controller_id);

// What other objects say of a table, asked only where it matters for a request. A function that is not set, and one that cannot
// tell, finds nothing wrong.
struct IngressFacts {
  std::function<std::string(const IngressEntry&)> backend_problem;               // "Service shop/x does not exist"; "" for none
  std::function<std::string(const Ingress&, const IngressTls&)> secret_problem;  // "Secret shop/x does not exist"; "" for none
};

// Classes of one controller (IngressClass.spec.controller) share its data plane: a table holds the Ingresses of all of them.
struct IngressTable {
  std::string class_name;  // for which it was asked; "" for Ingresses without a class
  const IngressDialect* dialect = nullptr;
  std::vector<IngressEntry> entries;  // in the order in which they are tried: the first that takes the request serves it
  struct Dropped {
    IngressEntry entry;
    std::string why;  // "the same host and path in the older Ingress shop/a"
    Ref by;           // the Ingress that took its place, name "" for none
  };
  std::vector<Dropped> dropped;
  std::vector<std::shared_ptr<const Ingress>> canaries;  // ingress-nginx
  std::vector<Unread> unread;
  std::vector<std::string> classes;                       // all that share the data plane, `class_name` first
  std::vector<std::shared_ptr<const Ingress>> ingresses;  // the oldest first, or as the dialect goes through them
  std::vector<std::string> hosts;                         // of the virtual hosts, sorted
  IngressFacts facts;
  std::vector<std::string> regex_hosts;  // ingress-nginx: whose paths are all regular expressions, sorted
};

// The table of the Ingresses of one class, from all namespaces, or where that is not allowed from `ns` (the rest in `unread`),
// shared by all that ask in a round. nullptr while the class is not known.
[[nodiscard]] std::shared_ptr<const IngressTable> ingress_table(std::string_view class_name, std::string_view ns,
                                                                const Facts& facts);
// The table of these Ingresses, compiled by the dialect; for tests and checks.
[[nodiscard]] IngressTable make_ingress_table(std::vector<std::shared_ptr<const Ingress>> ingresses, std::string_view class_name,
                                              const IngressDialect& dialect);

// What becomes of a request that arrives at this controller.
[[nodiscard]] Trace trace_ingress(const Question& question, const IngressTable& table);

// True where every request that `inner` takes is taken by `outer`, which stands before it in the table.
[[nodiscard]] bool takes_all_of(const IngressEntry& outer, const IngressEntry& inner, const IngressTable& table);
// A request that the entry's host and path name; nothing for a regular expression that is not a plain word.
[[nodiscard]] std::optional<Request> example_request(const IngressEntry& entry, bool tls);

}  // namespace gwdoctor
