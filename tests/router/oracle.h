#pragma once
// Who serves a request at a Gateway, slowly and by the letter of the Gateway API v1.6: everything that the text allows is listed,
// and every pair is compared by the text's own list of criteria. Shares nothing with chain/ but the structs that objects and
// requests are decoded into.

#include <map>
#include <string>
#include <vector>

#include "chain/request/request.h"
#include "kube/objects/gateway.h"
#include "kube/objects/route.h"

namespace gwdoctor::oracle {

struct Cluster {
  Gateway gateway;
  std::vector<ListenerSet> sets;
  std::vector<Route> routes;  // HTTPRoutes and GRPCRoutes
  std::map<std::string, Labels> namespaces;
};

// Whether a request meets a match, its host apart. `differs`: data planes understand the regular expression differently
// (Gateway API: PathMatchRegularExpression, "implementation-specific conformance").
enum class Meets { yes, no, differs };
[[nodiscard]] Meets meets(const RouteMatch& match, Kind kind, const Request& request);

// What serves a request.
struct Pick {
  std::string owner;  // of the listener: "Gateway infra/web"
  std::string listener;
  std::string route;  // "HTTPRoute a/r1"
  std::size_t rule = 0;
  std::size_t match = 0;
  std::string hostname;  // the effective one
  friend bool operator==(const Pick&, const Pick&) = default;
};
[[nodiscard]] std::string text(const Pick& pick);

struct Verdict {
  enum class Kind {
    serves,
    not_found,      // 404, or UNIMPLEMENTED
    no_connection,  // no listener takes a connection like this
    misdirected,    // 421
    unknown,        // cannot be told (only of a program that says so)
  };
  Kind kind = Kind::not_found;
  Pick pick;  // where it serves
  friend bool operator==(const Verdict&, const Verdict&) = default;
};
[[nodiscard]] std::string text(const Verdict& verdict);

// A listener that is served, with the routes that it accepts.
struct Port {
  Listener listener;
  Ref owner;
  std::vector<const Route*> routes;
};

class Judge {
 public:
  explicit Judge(Cluster cluster);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  // All verdicts that the text allows: one, unless it leaves the choice to implementations.
  [[nodiscard]] std::vector<Verdict> operator()(const Request& request) const;
  [[nodiscard]] const Cluster& cluster() const { return cluster_; }

 private:
  Cluster cluster_;
  std::vector<Port> ports_;
};

}  // namespace gwdoctor::oracle
