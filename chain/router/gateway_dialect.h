#pragma once
// What implementations of the Gateway API do where the spec leaves room or where they deviate from it, each by what was observed
// or documented, with the version.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/request/path.h"
#include "kube/few.h"

namespace gwdoctor {

enum class RegexOrder {
  after_prefix,   // a RegularExpression is tried after Exact and PathPrefix
  before_prefix,  // between Exact and PathPrefix
  by_length,      // with PathPrefix, by the number of characters
};
enum class RegexAnchors { whole_path, from_start, anywhere };

// Whose virtual hosts are searched: those of the listener, or those of all listeners of the port together.
enum class HostScope { listener, port };
// What a header condition is compared with: all lines of the name joined by commas (RFC 9110, 5.3), or any one of them.
enum class HeaderLines { joined, any_one };
enum class QueryText { decoded, raw };
// What becomes of the share of backendRefs that cannot be used: 500, or the others get it.
enum class InvalidBackends { answered, left_out };

struct TableEntry;
struct Precedence;
struct GatewayTable;
struct TableLookup;
struct Outcome;
struct Request;
struct RouteFilter;

// A redirect as one implementation writes it.
struct WrittenRedirect {
  std::string host;
  std::optional<std::int64_t> port;  // as it stands in `location`
  std::string path;
  std::string location;
};

struct GatewayDialect {
  std::string_view id;       // of the controller's row (chain/controllers.h); "" for the spec alone
  std::string_view name;     // for people
  std::string_view version;  // for which it was established; "" for the spec
  // HTTPRouteSpec.hostnames gives rules of the more specific hostname precedence: where none of them matches, rules of a less
  // specific one may. Data planes that pick a virtual host first never get there.
  bool falls_back_over_hostnames = true;
  // GatewaySpec.listeners, listener isolation: a request is matched against the most specific listener only.
  bool isolates_listeners = true;
  bool detects_misdirected = false;  // 421 for a Host that another listener of this port serves on a TLS connection
  bool host_must_be_sni = false;     // 421 for every Host that is not the SNI, whoever serves it
  RegexOrder regex_order = RegexOrder::after_prefix;
  RegexAnchors regex_anchors = RegexAnchors::whole_path;
  bool regex_known = false;  // the two above are established for it
  PathTreatment path{};
  bool path_known = false;             // the treatment of paths is established for it
  Few<std::string_view> deviations{};  // in the order among hostnames; told where a match under another hostname lost
  HostScope host_scope = HostScope::listener;
  bool keeps_final_dot = false;  // "h.example." is another host than "h.example"
  HeaderLines header_lines = HeaderLines::joined;
  QueryText query_text = QueryText::decoded;
  bool redirects_ignore_query = false;   // queryParams of the matches of a rule with RequestRedirect
  bool ignores_unknown_filters = false;  // ExtensionRef, CORS, ExternalAuth and others: the rule serves without them
  bool filters_without_order = false;    // a redirect takes no header filters, urlRewrite.hostname wins, `add` makes lines
  InvalidBackends invalid_backends = InvalidBackends::answered;
  Few<std::string_view, 2> served_reasons{};  // of Accepted False: routes that are served all the same
  // How it does without BackendTLSPolicy: "takes no BackendTLSPolicy"; "" where it takes them, or where that is not known.
  std::string_view without_backend_tls{};
  bool plain_for_invalid_backend_tls = false;  // it speaks without TLS where the policy is not accepted
  Few<std::string_view, 40> methods{};         // over HTTP/1.1 any other is answered with 400; empty: all are known
  // The hostnames under which a listener serves a route; `others` are those of the listeners that this parentRef does not attach
  // to. Null: HTTPRouteSpec.hostnames.
  std::vector<std::string> (*hostnames)(std::string_view listener, const std::vector<std::string>& route,
                                        const std::vector<std::string>& others) = nullptr;
  // The order of two HTTPRoute entries under one hostname. Null: HTTPRouteRule.matches.
  Precedence (*order)(const TableEntry& left, const TableEntry& right) = nullptr;
  // Marks the entries that are not served (TableEntry::unserved, by_chance), once all routes are attached.
  void (*compile)(GatewayTable& table) = nullptr;
  // ReplacePrefixMatch. Null: HTTPPathModifier.
  std::string (*replaced_prefix)(std::string_view path, std::string_view prefix, std::string_view replacement) = nullptr;
  // RequestRedirect. Null: HTTPRequestRedirectFilter.
  WrittenRedirect (*redirect)(const RouteFilter& filter, const Request& request, std::string_view path,
                              std::string_view prefix) = nullptr;
  // Tells how the outcome of this request differs from the Gateway API's.
  void (*tell)(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
               const TableLookup& lookup, const GatewayTable& table, Outcome& out) = nullptr;
};

// The dialect of a controller's row, by its id; that of the spec for one that is not known.
[[nodiscard]] const GatewayDialect& gateway_dialect(std::string_view controller_id);

}  // namespace gwdoctor
