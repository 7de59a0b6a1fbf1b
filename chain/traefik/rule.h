#pragma once
// The rule of a router of Traefik: Host(`a.example`) && (PathPrefix(`/v1`) || !Method(`GET`)). Established for v3.7:
// pkg/rules/parser.go over vulcand/predicate, which reads a rule as an expression of Go (go/parser); pkg/muxer/http/matcher.go
// and matcher_v2.go; docs: reference/routing-configuration/http/routing/rules-and-priority.

#include <string>
#include <string_view>
#include <vector>

#include "chain/request/request.h"

namespace gwdoctor {

enum class TraefikSyntax { v2, v3 };

// A part of a rule.
struct TraefikRule {
  enum class Kind {
    matcher,  // Host(`a.example`)
    all,      // && of `parts`
    any,      // || of `parts`
    inverse,  // ! of the one of `parts`
  };
  Kind kind = Kind::matcher;
  TraefikSyntax syntax = TraefikSyntax::v3;
  std::string name;                 // of the matcher, as Traefik's documentation writes it
  std::vector<std::string> values;  // its arguments
  std::vector<TraefikRule> parts;
};

struct ParsedTraefikRule {
  TraefikRule rule;
  std::string fault;       // why Traefik makes no router of it: "unexpected end at character 12"; "" where it is well
  bool beyond = false;     // it is longer or deeper than is read here: nothing is known of it
  bool is_stream = false;  // HostSNI, ALPN: matchers of IngressRouteTCP
  [[nodiscard]] bool ok() const { return fault.empty() && !beyond; }
};
// Never recurses deeper than a fixed number of parentheses.
[[nodiscard]] ParsedTraefikRule parse_traefik_rule(std::string_view text, TraefikSyntax syntax);

// Its priority where none is given: its length in bytes, without the stars of a double wildcard (mux.go: GetRulePriority).
[[nodiscard]] std::int64_t default_priority(std::string_view text, const ParsedTraefikRule& parsed);

struct TraefikVerdict {
  enum class Is { yes, no, unknown };
  Is is = Is::no;
  std::string why;   // the condition that is not met, or why it is unknown
  int met = 0;       // how many conditions are
  std::string host;  // of a Host matcher that is met
};
// Whether the rule takes a request; `path` as Traefik's entry point leaves it for routing.
[[nodiscard]] TraefikVerdict evaluate(const TraefikRule& rule, const Request& request, std::string_view path);

// The hosts that a rule names outright; for "is any rule for this host".
[[nodiscard]] bool may_take_host(const TraefikRule& rule, const Request& request);

}  // namespace gwdoctor
