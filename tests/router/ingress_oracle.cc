#include "tests/router/ingress_oracle.h"

#include <algorithm>

namespace gwdoctor::ingress_oracle {

namespace {

struct Candidate {
  const Ingress* ingress = nullptr;
  std::size_t rule = 0;
  std::size_t path = 0;

  [[nodiscard]] const std::string& host() const { return ingress->rules[rule].host; }
  [[nodiscard]] const IngressPath& spec() const { return ingress->rules[rule].paths[path]; }
};

std::string name_of(const Ingress& ingress) { return ingress.meta.ref.ns + "/" + ingress.meta.ref.name; }

// IngressSpec.ingressClassName, and the annotation that came before it.
bool is_of_class(const Ingress& ingress, const std::string& class_name) {
  return (ingress.class_name ? *ingress.class_name : ingress.class_annotation) == class_name;
}

// The labels of a path "split by the '/' separator": of "/foo/" as of "/foo" there is one ("/foo and /foo/ both match requests to
// /foo and /foo/").
std::vector<std::string> labels(const std::string& path) {
  std::vector<std::string> out;
  std::string label;
  for (std::size_t at = 1; at < path.size(); ++at) {
    if (path[at] != '/') {
      label += path[at];
      continue;
    }
    out.push_back(label);
    label.clear();
  }
  if (!label.empty()) out.push_back(label);
  return out;
}

int rank_of_host(const std::string& host) { return host.empty() ? 0 : host.starts_with("*.") ? 1 : 2; }

// "If multiple matching paths exist in an Ingress spec, the longest matching path is given priority." Of the same path an Exact
// one (kubernetes.io, Ingress, "Multiple matches"). A host that is written in full is more than a wildcard, and that is more than
// none.
bool goes_before(const Candidate& one, const Candidate& other) {
  if (rank_of_host(one.host()) != rank_of_host(other.host())) return rank_of_host(one.host()) > rank_of_host(other.host());
  const IngressPath& left = one.spec();
  const IngressPath& right = other.spec();
  if (left.path.size() != right.path.size()) return left.path.size() > right.path.size();
  return left.type == IngressPath::Type::exact && right.type != IngressPath::Type::exact;
}

void add(std::vector<Verdict>& out, const Verdict& verdict) {
  if (std::find(out.begin(), out.end(), verdict) == out.end()) out.push_back(verdict);
}

// "defaultBackend is the backend that should handle requests that don't match any rule. If DefaultBackend is not set, the
// handling of requests that do not match any of the rules will be up to the Ingress controller": that it is refused is what
// remains. Of several default backends the text says nothing.
void add_defaults(const std::vector<const Ingress*>& ingresses, std::vector<Verdict>& out) {
  bool any = false;
  for (const Ingress* ingress : ingresses) {
    if (!ingress->default_backend) continue;
    add(out, {true, false, name_of(*ingress), std::nullopt, 0});
    any = true;
  }
  if (!any) add(out, {});
}

std::vector<Candidate> candidates(const std::vector<const Ingress*>& ingresses, const Request& request) {
  std::vector<Candidate> out;
  for (const Ingress* ingress : ingresses) {
    for (std::size_t rule = 0; rule < ingress->rules.size(); ++rule) {
      if (!host_matches(ingress->rules[rule].host, request.host)) continue;
      for (std::size_t path = 0; path < ingress->rules[rule].paths.size(); ++path) {
        if (path_matches(ingress->rules[rule].paths[path], request.path)) out.push_back({ingress, rule, path});
      }
    }
  }
  return out;
}

int best_rank(const std::vector<const Ingress*>& ingresses, const Request& request) {
  int out = -1;
  for (const Ingress* ingress : ingresses) {
    for (const IngressRule& rule : ingress->rules) {
      if (host_matches(rule.host, request.host)) out = std::max(out, rank_of_host(rule.host));
    }
  }
  return out;
}

}  // namespace

std::string text(const Verdict& verdict) {
  if (verdict.unknown) return "unknown";
  if (!verdict.served) return "not found";
  if (!verdict.rule) return "Ingress " + verdict.ingress + " default backend";
  return "Ingress " + verdict.ingress + " rule " + std::to_string(*verdict.rule) + " path " + std::to_string(verdict.path);
}

// "If host is precise, the request matches this rule if the http host header is equal to Host. If host is a wildcard, then the
// request matches this rule if the http host header is to equal to the suffix (removing the first label) of the wildcard rule."
bool host_matches(const std::string& pattern, const std::string& host) {
  if (pattern.empty() || pattern == host) return true;
  const std::size_t dot = host.find('.');
  return pattern.starts_with("*.") && dot != std::string::npos && dot != 0 && host.substr(dot) == pattern.substr(1);
}

// "A request is a match for path p if every p is an element-wise prefix of p of the request path."
bool path_matches(const IngressPath& path, const std::string& requested) {
  if (path.type == IngressPath::Type::exact) return path.path == requested;
  const std::vector<std::string> wanted = labels(path.path);
  const std::vector<std::string> given = labels(requested);
  return wanted.size() <= given.size() && std::equal(wanted.begin(), wanted.end(), given.begin());
}

std::vector<Verdict> judge(const std::vector<Ingress>& ingresses, const std::string& class_name, const Request& request) {
  std::vector<const Ingress*> own;
  for (const Ingress& ingress : ingresses) {
    if (is_of_class(ingress, class_name)) own.push_back(&ingress);
  }
  const std::vector<Candidate> all = candidates(own, request);
  std::vector<Verdict> out;
  int rank = -1;
  for (const Candidate& candidate : all) {
    rank = std::max(rank, rank_of_host(candidate.host()));
    const bool beaten =
        std::any_of(all.begin(), all.end(), [&](const Candidate& other) { return goes_before(other, candidate); });
    // Of equal paths, in one Ingress or in two, the text prefers none.
    if (!beaten) add(out, {true, false, name_of(*candidate.ingress), candidate.rule, candidate.path});
  }
  // "Incoming requests are matched against the host before the IngressRuleValue": whether a request that no path of its host
  // takes may go to the paths of a lesser host, or goes to the default backend, the text leaves open.
  if (all.empty() || best_rank(own, request) > rank) add_defaults(own, out);
  return out;
}

}  // namespace gwdoctor::ingress_oracle
