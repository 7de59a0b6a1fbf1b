#pragma once
// What becomes of a request: the prediction, and the account of every candidate that lost.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chain/request/request.h"
#include "kube/kind.h"
#include "kube/source.h"

namespace gwdoctor {

enum class Action {
  forward,      // to backends
  redirect,     // answered with a Location
  respond,      // answered by the data plane itself, with `status`: a fixed response, 500 for an invalid rule
  not_found,    // the entrance takes the request and no rule matches: 404, or its gRPC equal
  reject,       // the entrance refuses the request: 400, 403, 421, a TLS alert
  unreachable,  // nothing listens for it: no listener on that port, no TLS server for that name, no data plane
  unknown,      // facts are missing, or the rules are beyond what can be predicted
};
[[nodiscard]] std::string_view action_name(Action action);  // "not-found"

// How the data plane speaks TLS to a backend, by the BackendTLSPolicy that holds.
struct BackendTls {
  // Another policy for this backend, before which it goes.
  struct Other {
    Ref policy;
    std::string lost;  // "is for the whole Service"
  };
  Ref policy;
  std::string hostname;  // the SNI
  std::string section;   // the port that the policy names; "" for the whole Service
  std::string ca;        // "ConfigMap payments/ca", "the system's CA certificates"
  std::vector<Other> others;
};

// A backend of the winning rule.
struct TracedBackend {
  Ref object;
  std::optional<std::int64_t> port;
  std::string port_name;
  std::int64_t weight = 1;
  double share = 1;                            // of the requests; 0 … 1
  std::string problem;                         // why its share fails: "Service shop/x does not exist"; "" where it is valid
  std::optional<std::int64_t> failure_status;  // that its share is answered with where it is invalid: 500 by the Gateway API
  std::optional<std::size_t> ready_endpoints;
  std::optional<BackendTls> tls;  // nothing where no policy holds, or where that is not known
};

// Where copies of the request go.
struct TracedMirror {
  Ref object;
  std::string note;  // that of Outcome::notes which tells of it; "" for none
};

struct RedirectTarget {
  std::string scheme;
  std::string host;
  std::int64_t port = 0;
  std::string path;
};

// What the backend sees of the request.
struct Rewritten {
  std::string host;
  std::string path;  // with the query as it came
  std::vector<HeaderField> headers;
};

struct Outcome {
  Action action = Action::unknown;
  std::optional<std::int64_t> status;  // of what the data plane itself answers
  std::string grpc_status;             // "UNIMPLEMENTED", where the request is a gRPC call that no rule takes
  std::string reason;                  // one line without a final stop: why it ends so
  Ref gateway;                         // the Gateway; the IngressClass for Ingresses (name "" for none)
  std::string listener;                // its name; "" for Ingresses
  Ref listener_owner;                  // the Gateway or ListenerSet that holds it
  std::string hostname;                // under which the rule matched: the effective one; "" is any
  Ref route;                           // or the Ingress; name "" where nothing matched
  std::optional<std::size_t> rule;
  std::optional<std::size_t> match;  // index in rules[].matches, or in rules[].http.paths of an Ingress
  std::string field;                 // of the match or path in the document: spec.rules[0].matches[1]
  std::string matched;               // that match in words: "POST requests to /v2"
  std::optional<RedirectTarget> redirect;
  std::string location;  // the Location header of a redirect
  std::vector<TracedBackend> backends;
  std::vector<std::string> filters;           // their types, in the order in which they work
  std::optional<Rewritten> rewritten;         // for forward
  std::vector<HeaderField> response_headers;  // set or added on the way back (response header modifiers, CORS)
  std::vector<std::string> response_headers_removed;
  std::vector<TracedMirror> mirrors;
  std::vector<std::string> notes;  // what else holds for the request, and where data planes differ: one line each
};

// A match that did not serve the request, and the rule of precedence or the condition by which it lost.
struct Candidate {
  Ref route;  // or Ingress
  std::optional<std::size_t> rule;
  std::optional<std::size_t> match;
  std::string lost;      // "shorter path match (8 < 12)", "method GET, not POST", "listener https: hostname a.example"
  bool matched = false;  // it matched, and another went before it
  int nearness = 0;      // how many conditions it met; greater is nearer
};

// A fact that the prediction needed and could not have.
struct Unread {
  Wish wish;
  Why why;
};

// One request at one entrance.
struct Trace {
  Request request;
  Outcome outcome;
  std::vector<Candidate> candidates;  // those that matched first, in the order of precedence; then the nearest
  std::vector<Unread> unread;
};

}  // namespace gwdoctor
