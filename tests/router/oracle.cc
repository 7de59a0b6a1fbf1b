#include "tests/router/oracle.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "tests/router/oracle_parts.h"

namespace gwdoctor::oracle {

namespace {

std::string lower(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

std::string name_of(const Meta& meta) { return meta.ref.kind + " " + meta.ref.ns + "/" + meta.ref.name; }

// The labels between slashes. PathMatchPathPrefix: "A path element refers to the list of labels in the path split by the `/`
// separator. When specified, a trailing `/` is ignored."
std::vector<std::string> elements(std::string path) {
  if (path.ends_with("/")) path.pop_back();
  std::vector<std::string> out(1);
  for (const char letter : path) {
    if (letter == '/') {
      out.emplace_back();
    } else {
      out.back() += letter;
    }
  }
  return out;
}

bool prefix_matches(const std::string& prefix, const std::string& path) {
  const std::vector<std::string> wanted = elements(prefix);
  const std::vector<std::string> given = elements(path);
  if (wanted.size() > given.size()) return false;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (wanted[at] != given[at]) return false;
  }
  return true;
}

// By a regular expression that every dialect writes alike; they differ in whether it must match the whole text.
Meets regex_meets(const std::string& pattern, const std::string& text) {
  static std::map<std::string, std::regex> compiled;
  auto found = compiled.find(pattern);
  if (found == compiled.end()) found = compiled.emplace(pattern, std::regex(pattern)).first;
  if (std::regex_match(text, found->second)) return Meets::yes;
  return std::regex_search(text, found->second) ? Meets::differs : Meets::no;
}

Meets value_meets(const ValueMatch& match, const std::string& value) {
  if (match.type == "RegularExpression") return regex_meets(match.value, value);
  return match.value == value ? Meets::yes : Meets::no;
}

// "Multiple match types are ANDed together, i.e. the match will evaluate to true only if all conditions are satisfied."
Meets both(Meets one, Meets other) {
  if (one == Meets::no || other == Meets::no) return Meets::no;
  return one == Meets::yes && other == Meets::yes ? Meets::yes : Meets::differs;
}

Meets path_meets(const ValueMatch& match, const std::string& path) {
  if (match.type == "RegularExpression") return regex_meets(match.value, path);
  // PathMatchExact: "Matches the URL path exactly and with case sensitivity."
  if (match.type == "Exact") return match.value == path ? Meets::yes : Meets::no;
  return prefix_matches(match.value, path) ? Meets::yes : Meets::no;
}

// "If multiple entries specify equivalent header names, only the first entry with an equivalent name MUST be considered for a
// match. Subsequent entries with an equivalent header name MUST be ignored. Due to the case-insensitivity of header names, "foo"
// and "Foo" are considered equivalent." Names of query parameters: "This must be an exact string match."
std::vector<ValueMatch> considered(const std::vector<ValueMatch>& matches, bool any_case) {
  std::vector<ValueMatch> out;
  std::set<std::string> names;
  for (const ValueMatch& match : matches) {
    if (names.insert(any_case ? lower(match.name) : match.name).second) out.push_back(match);
  }
  return out;
}

Meets header_meets(const ValueMatch& match, const Request& request) {
  for (const HeaderField& header : request.headers) {
    if (lower(header.name) == lower(match.name)) return value_meets(match, header.value);
  }
  return Meets::no;
}

// "it is recommended that implementations should match against the first value of the param".
Meets query_meets(const ValueMatch& match, const Request& request) {
  std::string rest = request.query;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string parameter = rest.substr(0, end);
    rest = end == std::string::npos ? std::string() : rest.substr(end + 1);
    const std::size_t equals = parameter.find('=');
    if (parameter.substr(0, equals) != match.name) continue;
    return value_meets(match, equals == std::string::npos ? std::string() : parameter.substr(equals + 1));
  }
  return Meets::no;
}

// GRPCMethodMatch: "Value of the service to match against. If left empty or omitted, will match any service."
Meets grpc_meets(const ValueMatch& match, const std::string& path) {
  const std::size_t slash = path.find('/', 1);
  const std::string service = path.substr(1, slash == std::string::npos ? std::string::npos : slash - 1);
  const std::string method = slash == std::string::npos ? std::string() : path.substr(slash + 1);
  const bool good = (match.name.empty() || match.name == service) && (match.value.empty() || match.value == method);
  return good ? Meets::yes : Meets::no;
}

struct Candidate {
  const Route* route = nullptr;
  std::size_t rule = 0;
  std::size_t match = 0;
  std::string hostname;
  bool certain = true;

  [[nodiscard]] const RouteMatch& spec() const { return route->rules[rule].matches[match]; }
};

enum class Order { before, after, tie, open };

Order more(std::size_t one, std::size_t other) {
  if (one == other) return Order::tie;
  return one > other ? Order::before : Order::after;
}

// "precedence must be given to rules from the HTTPRoute with the largest number of: Characters in a matching non-wildcard
// hostname. Characters in a matching hostname."
Order by_hostname(const Candidate& one, const Candidate& other) {
  const auto precise = [](const std::string& hostname) { return is_wild(hostname) ? 0 : hostname.size(); };
  const Order order = more(precise(one.hostname), precise(other.hostname));
  return order != Order::tie ? order : more(one.hostname.size(), other.hostname.size());
}

// HTTPRouteRule.matches: "Exact" path match; "Prefix" path match with largest number of characters; method match; largest number
// of header matches; largest number of query param matches. "The precedence of RegularExpression path matches are
// implementation-specific."
std::vector<Order> by_http(const RouteMatch& one, const RouteMatch& other) {
  const auto is = [](const RouteMatch& match, const char* type) { return match.path->type == type; };
  std::vector<Order> out;
  const bool expression = is(one, "RegularExpression") || is(other, "RegularExpression");
  if (expression && (one.path->type != other.path->type || one.path->value != other.path->value)) return {Order::open};
  out.push_back(more(is(one, "Exact") ? 1 : 0, is(other, "Exact") ? 1 : 0));
  const auto characters = [&](const RouteMatch& match) { return is(match, "PathPrefix") ? match.path->value.size() : 0; };
  out.push_back(more(characters(one), characters(other)));
  out.push_back(more(one.method.empty() ? 0 : 1, other.method.empty() ? 0 : 1));
  out.push_back(more(considered(one.headers, true).size(), considered(other.headers, true).size()));
  out.push_back(more(considered(one.query, false).size(), considered(other.query, false).size()));
  return out;
}

// GRPCRouteRule.matches: characters in a matching service; characters in a matching method; header matches.
std::vector<Order> by_grpc(const RouteMatch& one, const RouteMatch& other) {
  const auto service = [](const RouteMatch& match) { return match.grpc ? match.grpc->name.size() : 0; };
  const auto method = [](const RouteMatch& match) { return match.grpc ? match.grpc->value.size() : 0; };
  return {more(service(one), service(other)), more(method(one), method(other)),
          more(considered(one.headers, true).size(), considered(other.headers, true).size())};
}

// "If ties still exist across multiple Routes": the older, the first by name. "If ties still exist within an HTTPRoute, matching
// precedence MUST be granted to the FIRST matching rule (in list order)"; of its matches the first says why.
Order compare(const Candidate& one, const Candidate& other) {
  std::vector<Order> orders = {by_hostname(one, other)};
  const bool http = one.route->kind == Kind::http_route;
  for (const Order order : http ? by_http(one.spec(), other.spec()) : by_grpc(one.spec(), other.spec())) orders.push_back(order);
  if (one.route != other.route) {
    orders.push_back(older(one.route->meta, other.route->meta) ? Order::before : Order::after);
  } else {
    orders.push_back(more(other.rule, one.rule));
    orders.push_back(more(other.match, one.match));
  }
  for (const Order order : orders) {
    if (order != Order::tie) return order;
  }
  return Order::tie;
}

std::vector<Candidate> candidates(const Port& port, const Request& request) {
  std::vector<Candidate> out;
  for (const Route* route : port.routes) {
    for (const std::string& hostname : effective_hostnames(port.listener, *route)) {
      if (!host_matches(hostname, request.host)) continue;
      for (std::size_t rule = 0; rule < route->rules.size(); ++rule) {
        for (std::size_t match = 0; match < route->rules[rule].matches.size(); ++match) {
          const Meets met = meets(route->rules[rule].matches[match], route->kind, request);
          if (met != Meets::no) out.push_back({route, rule, match, hostname, met == Meets::yes});
        }
      }
    }
  }
  return out;
}

// What a listener does with a request that is its own.
std::vector<Verdict> judge_at(const Port& port, const Request& request) {
  const std::vector<Candidate> all = candidates(port, request);
  std::vector<Verdict> out;
  for (const Candidate& candidate : all) {
    const bool beaten = std::any_of(all.begin(), all.end(), [&](const Candidate& other) {
      return other.certain && compare(other, candidate) == Order::before;
    });
    if (beaten) continue;
    const Pick pick{port.owner.kind + " " + port.owner.ns + "/" + port.owner.name,
                    port.listener.name,
                    name_of(candidate.route->meta),
                    candidate.rule,
                    candidate.match,
                    candidate.hostname};
    const Verdict verdict{Verdict::Kind::serves, pick};
    if (std::find(out.begin(), out.end(), verdict) == out.end()) out.push_back(verdict);
  }
  // "When no rules matching a request have been successfully attached to the parent a request is coming from, a HTTP 404 status
  // code MUST be returned."
  if (std::none_of(all.begin(), all.end(), [](const Candidate& candidate) { return candidate.certain; })) {
    out.push_back({Verdict::Kind::not_found, {}});
  }
  return out;
}

// "Exact matches MUST be processed before wildcard matches, and wildcard matches MUST be processed before fallback (empty
// Hostname value) matches." Of wildcards: "the higher the number of dots in the hostname to the right of the wildcard character,
// the higher the precedence."
bool goes_before(const std::string& one, const std::string& other) {
  const auto rank = [](const std::string& host) { return host.empty() ? 0 : is_wild(host) ? 1 : 2; };
  if (rank(one) != rank(other)) return rank(one) > rank(other);
  return std::count(one.begin(), one.end(), '.') > std::count(other.begin(), other.end(), '.');
}

const Port* best_for(const std::vector<const Port*>& ports, const std::string& host) {
  const Port* best = nullptr;
  for (const Port* port : ports) {
    if (!host_matches(port->listener.hostname, host)) continue;
    if (best == nullptr || goes_before(port->listener.hostname, best->listener.hostname)) best = port;
  }
  return best;
}

bool serves_any_host(const Port* port) { return port->listener.hostname.empty(); }

// Listener.hostname: "HTTPS: The Listener Hostname SHOULD match both the SNI and Host header." A client that sends no SNI meets
// only a listener that serves every host.
std::vector<Verdict> judge_tls(const std::vector<const Port*>& ports, const Request& request) {
  const Port* chosen = nullptr;
  if (!request.sni.empty()) {
    chosen = best_for(ports, request.sni);
  } else {
    const auto found = std::find_if(ports.begin(), ports.end(), serves_any_host);
    if (found != ports.end()) chosen = *found;
  }
  if (chosen == nullptr) return {{Verdict::Kind::no_connection, {}}};
  const bool own = host_matches(chosen->listener.hostname, request.host);
  std::vector<Verdict> out = own ? judge_at(*chosen, request) : std::vector<Verdict>{{Verdict::Kind::not_found, {}}};
  // "If another Listener has an exact match or more specific wildcard entry, the Gateway SHOULD return a 421." "If the current
  // Listener (selected by SNI matching during ClientHello) does not match the Host: if another Listener does match the Host, the
  // Gateway SHOULD return a 421. If no other Listener matches the Host, the Gateway MUST return a 404."
  const Port* by_host = best_for(ports, request.host);
  if (by_host != nullptr && by_host != chosen) out.push_back({Verdict::Kind::misdirected, {}});
  return out;
}

}  // namespace

Meets meets(const RouteMatch& match, Kind kind, const Request& request) {
  Meets out = Meets::yes;
  for (const ValueMatch& header : considered(match.headers, true)) out = both(out, header_meets(header, request));
  if (kind == Kind::grpc_route) {
    if (!request.grpc) return Meets::no;
    return match.grpc ? both(out, grpc_meets(*match.grpc, request.path)) : out;
  }
  out = both(out, path_meets(*match.path, request.path));
  // HTTPMethod: "The value is expected in upper case."
  if (!match.method.empty() && match.method != request.method) return Meets::no;
  for (const ValueMatch& parameter : considered(match.query, false)) out = both(out, query_meets(parameter, request));
  return out;
}

std::string text(const Pick& pick) {
  return pick.route + " rule " + std::to_string(pick.rule) + " match " + std::to_string(pick.match) + " for \"" + pick.hostname +
         "\" on listener " + pick.listener + " of " + pick.owner;
}

std::string text(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::serves:
      return text(verdict.pick);
    case Verdict::Kind::not_found:
      return "not found";
    case Verdict::Kind::no_connection:
      return "no connection";
    case Verdict::Kind::misdirected:
      return "misdirected (421)";
    case Verdict::Kind::unknown:
      return "unknown";
  }
  return {};
}

std::vector<Verdict> Judge::operator()(const Request& request) const {
  std::vector<const Port*> ports;
  for (const Port& port : ports_) {
    // HTTPProtocolType: "Accepts cleartext HTTP/1.1 sessions over TCP"; HTTPSProtocolType: "sessions over TLS".
    if (port.listener.port == request.port && port.listener.protocol == (request.tls ? "HTTPS" : "HTTP")) ports.push_back(&port);
  }
  if (ports.empty()) return {{Verdict::Kind::no_connection, {}}};
  if (request.tls) return judge_tls(ports, request);
  // "If traffic to a Gateway does not match any Listener's hostname …, the request MUST be rejected. …: HTTP returns a 404 status
  // code".
  const Port* chosen = best_for(ports, request.host);
  if (chosen == nullptr) return {{Verdict::Kind::not_found, {}}};
  return judge_at(*chosen, request);
}

}  // namespace gwdoctor::oracle
