#include "chain/dialects/nginx.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/hostname.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

bool is_exact(const IngressEntry& entry) { return type_of(entry) == IngressPath::Type::exact; }

// store.go, sortIngressSlice: by age; of two of the same second the greater namespace/name goes first.
bool goes_first_by_age(const std::shared_ptr<const Ingress>& left, const std::shared_ptr<const Ingress>& right) {
  if (left->meta.created == right->meta.created) return name_of(*left) > name_of(*right);
  return left->meta.created && (!right->meta.created || *left->meta.created < *right->meta.created);
}

class NginxCompiler {
 public:
  explicit NginxCompiler(IngressTable& table) : table_(table) {}

  void run() {
    std::stable_sort(table_.ingresses.begin(), table_.ingresses.end(), goes_first_by_age);
    for (const std::shared_ptr<const Ingress>& ingress : table_.ingresses) {
      if (is_canary(*ingress)) {
        table_.canaries.push_back(ingress);
        continue;
      }
      for (const IngressRule& rule : ingress->rules) add_host(table_, rule.host);
      if (ingress->default_backend && ingress->rules.empty()) has_catch_all_ = true;
    }
    add_host(table_, "");
    for (const std::shared_ptr<const Ingress>& ingress : table_.ingresses) {
      if (!is_canary(*ingress)) add_paths(ingress);
    }
    add_defaults();
    find_regex_hosts();
    add_aliases();
    sort();
  }

 private:
  void drop(IngressEntry entry, std::string why, Ref by) {
    table_.dropped.push_back({std::move(entry), std::move(why), std::move(by)});
  }

  void add_paths(const std::shared_ptr<const Ingress>& ingress) {
    for (std::size_t rule = 0; rule < ingress->rules.size(); ++rule) {
      for (std::size_t path = 0; path < ingress->rules[rule].paths.size(); ++path) {
        add_path({ingress, rule, path, ingress->rules[rule].host});
      }
    }
  }

  // controller.go, getBackendServers: a location of the same path and type stays with whoever has it. ImplementationSpecific is
  // Prefix (SetDefaultNGINXPathType).
  void add_path(IngressEntry entry) {
    if (entry.backend().service.empty()) {
      drop(std::move(entry), "ingress-nginx serves no backend but a Service", {});
      return;
    }
    const bool root = path_of(entry) == "/" && !is_exact(entry);
    if (root && entry.host.empty() && has_catch_all_) {
      drop(std::move(entry), "an Ingress without rules has a default backend, which takes / of requests for any host", {});
      return;
    }
    const auto [at, added] =
        taken_.try_emplace(std::tuple(entry.host, std::string(path_of(entry)), is_exact(entry)), entry.ingress);
    if (!added) {
      const Ingress& by = *at->second;
      std::string why = at->second == entry.ingress ? std::string("the same host and path stand before it in the same Ingress")
                                                    : fmt::format("the older Ingress {} has the same host and path", name_of(by));
      drop(std::move(entry), std::move(why), by.meta.ref);
      return;
    }
    if (root) roots_.insert(entry.host);
    table_.entries.push_back(std::move(entry));
  }

  // createServers: spec.defaultBackend takes / of the hosts that its Ingress is the first to have, and of the catch-all server,
  // where the last one stays.
  void add_defaults() {
    std::shared_ptr<const Ingress> catch_all;
    for (const std::shared_ptr<const Ingress>& ingress : table_.ingresses) {
      if (is_canary(*ingress)) continue;
      const bool has_default = ingress->default_backend && !ingress->default_backend->service.empty();
      for (const IngressRule& rule : ingress->rules) {
        if (!rule.host.empty()) creators_.try_emplace(rule.host, ingress);
      }
      if (!has_default) continue;
      if (catch_all != nullptr && catch_all->rules.empty()) {
        drop(default_of(catch_all, ""),
             fmt::format("the default backend of the younger Ingress {} takes its place", name_of(*ingress)), ingress->meta.ref);
      }
      catch_all = ingress;
    }
    for (const auto& [host, ingress] : creators_) {
      if (ingress->default_backend && !ingress->default_backend->service.empty() && !roots_.contains(host)) {
        table_.entries.push_back(default_of(ingress, host));
      }
    }
    if (catch_all != nullptr && !roots_.contains("")) table_.entries.push_back(default_of(catch_all, ""));
  }

  static IngressEntry default_of(const std::shared_ptr<const Ingress>& ingress, const std::string& host) {
    IngressEntry entry;
    entry.ingress = ingress;
    entry.host = host;
    return entry;
  }

  void find_regex_hosts() {
    std::set<std::string> found;
    for (const IngressEntry& entry : table_.entries) {
      if (!entry.is_default() && asks_for_regex(*entry.ingress, path_of(entry))) found.insert(entry.host);
    }
    for (const auto& [host, creator] : creators_) {
      if (!roots_.contains(host) && asks_for_regex(*creator, "/")) found.insert(host);
    }
    table_.regex_hosts.assign(found.begin(), found.end());
  }

  // Of each host the aliases of the first Ingress that has any; a host of rules is nobody's alias.
  void add_aliases() {
    std::map<std::string, std::vector<std::string>> aliases;
    for (const std::shared_ptr<const Ingress>& ingress : table_.ingresses) {
      if (is_canary(*ingress)) continue;
      const std::vector<std::string> named = comma_separated(lower_case(annotation_text(*ingress, nginx_prefix, "server-alias")));
      for (const IngressRule& rule : ingress->rules) {
        if (std::vector<std::string>& of_host = aliases[rule.host]; of_host.empty()) of_host = named;
      }
    }
    for (const auto& [host, names] : aliases) {
      for (const std::string& alias : names) add_alias(host, alias);
    }
  }

  void add_alias(const std::string& host, const std::string& alias) {
    if (alias.empty() || std::binary_search(table_.hosts.begin(), table_.hosts.end(), alias)) return;
    add_host(table_, alias);
    const bool regex = is_regex_server(table_, host);
    if (regex) table_.regex_hosts.insert(std::lower_bound(table_.regex_hosts.begin(), table_.regex_hosts.end(), alias), alias);
    std::vector<IngressEntry> copies;
    for (const IngressEntry& entry : table_.entries) {
      if (entry.host != host) continue;
      copies.push_back(entry);
      copies.back().host = alias;
    }
    table_.entries.insert(table_.entries.end(), copies.begin(), copies.end());
  }

  // Regular expressions stand by length, the longest first, then the greater text; of the others nginx takes an exact location
  // first, then the longest prefix.
  void sort() {
    std::stable_sort(table_.entries.begin(), table_.entries.end(), [&](const IngressEntry& left, const IngressEntry& right) {
      if (const int order = compare_hosts(left.host, right.host); order != 0) return order < 0;
      if (left.host != right.host) return left.host < right.host;
      if (left.is_default() != right.is_default()) return right.is_default();
      const bool regex = is_regex_server(table_, left.host);
      if (!regex && is_exact(left) != is_exact(right)) return is_exact(left);
      if (path_of(left).size() != path_of(right).size()) return path_of(left).size() > path_of(right).size();
      return regex && path_of(left) > path_of(right);
    });
  }

  IngressTable& table_;
  bool has_catch_all_ = false;
  std::map<std::tuple<std::string, std::string, bool>, std::shared_ptr<const Ingress>> taken_;
  std::set<std::string> roots_;                                     // hosts whose / has a rule
  std::map<std::string, std::shared_ptr<const Ingress>> creators_;  // the first Ingress with a rule for the host
};

void compile_nginx(IngressTable& table) { NginxCompiler(table).run(); }

// template.go, buildLocation; location.go, updateServerLocations: Prefix /foo is "location /foo/" and "location = /foo".
PathShape nginx_shape(const IngressEntry& entry, const IngressTable& table) {
  PathShape shape;
  if (entry.is_default()) return shape;
  shape.text = std::string(path_of(entry));
  if (is_regex_server(table, entry.host)) {
    shape.kind = PathShape::Kind::regex;
    shape.folds_case = true;
  } else if (is_exact(entry)) {
    shape.kind = PathShape::Kind::exact;
  } else {
    shape.kind = shape.text.back() == '/' ? PathShape::Kind::characters : PathShape::Kind::elements;
  }
  return shape;
}

Match match_nginx(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  Match out = match_by_shape(entry, request, path, table);
  if (out.verdict == Verdict::no && entry.host == nginx_server(table, request.host) && adds_slash(entry, path, table)) {
    return {Verdict::yes, {}, 2};
  }
  return out;
}

std::string nginx_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable& table) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  if (!is_regex_server(table, loser.host)) {
    if (is_exact(winner) && !is_exact(loser)) return "Prefix after Exact";
    if (std::string why = lost_by_length(loser, winner); !why.empty()) return why;
    return lost_by_age(loser, winner);
  }
  if (path_of(loser).size() < path_of(winner).size()) {
    return fmt::format("shorter regular expression ({} < {})", path_of(loser).size(), path_of(winner).size());
  }
  if (path_of(loser) != path_of(winner))
    return fmt::format("regular expression {} after {} by its text", path_of(loser), path_of(winner));
  return lost_by_age(loser, winner);
}

}  // namespace

// template.go, needsRewrite and enforceRegexModifier.
bool asks_for_regex(const Ingress& ingress, std::string_view path) {
  const std::string target = annotation_text(ingress, nginx_prefix, "rewrite-target");
  return (!target.empty() && target != path) || annotation_flag(ingress, nginx_prefix, "use-regex").value_or(false);
}

bool is_canary(const Ingress& ingress) { return annotation_flag(ingress, nginx_prefix, "canary").value_or(false); }

std::string nginx_server(const IngressTable& table, std::string_view host) {
  return virtual_host(table, host).value_or(std::string());
}

bool is_regex_server(const IngressTable& table, std::string_view host) {
  return std::binary_search(table.regex_hosts.begin(), table.regex_hosts.end(), host, std::less<>());
}

std::shared_ptr<const Ingress> nginx_creator(const IngressTable& table, std::string_view host) {
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    if (is_canary(*ingress)) continue;
    const bool has =
        std::any_of(ingress->rules.begin(), ingress->rules.end(), [&](const IngressRule& rule) { return rule.host == host; });
    if (has) return ingress;
  }
  return nullptr;
}

std::string ruled_host(const IngressEntry& entry) {
  return entry.is_default() ? entry.host : entry.ingress->rules[entry.rule].host;
}

bool adds_slash(const IngressEntry& entry, std::string_view path, const IngressTable& table) {
  if (entry.is_default() || is_exact(entry) || is_regex_server(table, entry.host)) return false;
  const std::string_view location = path_of(entry);
  if (location.size() != path.size() + 1 || location.back() != '/' || !location.starts_with(path)) return false;
  return std::none_of(table.entries.begin(), table.entries.end(), [&](const IngressEntry& other) {
    return other.host == entry.host && !other.is_default() && path_of(other) == path;
  });
}

IngressDialect nginx_dialect() {
  IngressDialect dialect;
  dialect.id = "ingress-nginx";
  dialect.name = "ingress-nginx";
  dialect.version = "v1.15";
  // nginx decodes the path, resolves dot segments and merges slashes before it looks for a location (ngx_http_core_module,
  // location and merge_slashes).
  dialect.path = nginx_treatment;
  dialect.compile = compile_nginx;
  dialect.match = match_nginx;
  dialect.lost_by = nginx_lost_by;
  dialect.apply = nginx_apply;
  dialect.shape = nginx_shape;
  dialect.host_first = true;
  dialect.intercept = nginx_intercept;
  dialect.nothing = nginx_nothing;
  dialect.not_found = "answers 404 (\"default backend - 404\")";
  return dialect;
}

}  // namespace gwdoctor
