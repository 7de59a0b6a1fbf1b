#include "chain/router/tracer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chain/attachment.h"
#include "chain/backend_problem.h"
#include "chain/dialects/ingress_table.h"
#include "chain/hostname.h"
#include "chain/ingress_class.h"
#include "chain/router/contour.h"
#include "chain/router/gateway_table.h"
#include "chain/router/mirrors.h"
#include "chain/traefik/judge.h"
#include "chain/traefik/trace.h"

namespace gwdoctor {

namespace {

// How well an entrance fits a request; the greater the better.
enum class Fit {
  none,
  port,      // a listener on that port with that protocol, for other hosts
  hostname,  // a listener for that host, on another port
  listener,  // a listener takes it, and no rule is for that host
  rule,      // a rule is for that host
};

// Nobody reads a dozen predictions that a request goes nowhere.
constexpr std::size_t most_misses = 3;

bool carries(const Listener& listener, const Request& request) {
  if (request.scheme == "http") return listener.protocol == "HTTP";
  if (request.scheme == "https") return listener.protocol == "HTTPS";
  if (request.scheme == "tls") return listener.protocol == "TLS" || listener.protocol == "HTTPS";
  if (request.scheme == "udp") return listener.protocol == "UDP";
  return listener.protocol == "TCP" || (listener.protocol == "TLS" && request.tls);
}

bool covers_request(const std::string& hostname, const Request& request) {
  return hostname.empty() || covers(hostname, request.host) || (!request.sni.empty() && covers(hostname, request.sni));
}

Fit fit_of(const GatewayTable& table, const Request& request) {
  Fit best = Fit::none;
  for (const TableListener& listener : table.listeners) {
    const bool port = listener.spec.port == request.port && carries(listener.spec, request);
    const bool host = covers_request(listener.spec.hostname, request);
    Fit fit = port && host                              ? Fit::listener
              : host && !listener.spec.hostname.empty() ? Fit::hostname
              : port                                    ? Fit::port
                                                        : Fit::none;
    if (fit == Fit::listener) {
      const bool ruled = !listener.streams.empty() ||
                         std::any_of(listener.entries.begin(), listener.entries.end(),
                                     [&](const TableEntry& entry) { return covers_request(entry.hostname, request); });
      if (ruled) fit = Fit::rule;
    }
    best = std::max(best, fit);
  }
  return best;
}

Fit fit_of(const Ingress& ingress, const Request& request) {
  if (ingress.default_backend) return Fit::rule;
  const bool ruled = std::any_of(ingress.rules.begin(), ingress.rules.end(), [&](const IngressRule& rule) {
    return rule.host.empty() || ingress_host_covers(rule.host, request.host);
  });
  return ruled ? Fit::rule : Fit::port;
}

struct Found {
  EntryPoint entry;
  Fit fit = Fit::none;
  bool addressed = false;  // one of its addresses is the one that the request is sent to
};

class Search {
 public:
  Search(const Question& question, const Facts& facts) : question_(question), facts_(facts) {}

  EntryPoints run() {
    find_gateways();
    if (question_.request.is_http()) find_ingresses();
    choose();
    return std::move(out_);
  }

 private:
  // The list of all namespaces or, where that may not be read, of the namespace of the command.
  template <class T>
  List<T> read(Kind kind) {
    const Seen<List<T>> all = facts_.list<T>(kind, "");
    if (all.present()) return *all;
    if (all.absent()) return {};
    out_.unread.push_back({all.wish(), all.why()});
    const Seen<List<T>> own = facts_.list<T>(kind, question_.ns);
    return own.present() ? *own : List<T>{};
  }

  void find_gateways() {
    std::set<std::pair<std::string, std::string>> names;
    for (const Known<Gateway>& gateway : read<Gateway>(Kind::gateway))
      names.emplace(gateway->meta.ref.ns, gateway->meta.ref.name);
    // A Gateway that may be read by its name is named by the routes that may be listed.
    if (!out_.unread.empty()) add_named_parents(names);
    for (const auto& [ns, name] : names) {
      const std::shared_ptr<const GatewayTable> table = gateway_table(ns, name, question_.ns, facts_);
      if (table == nullptr) continue;
      Found found{{EntryPoint::Kind::gateway, ns, name}, fit_of(*table, question_.request), false};
      if (question_.request.address && table->object) {
        found.addressed = std::any_of(table->object->addresses.begin(), table->object->addresses.end(),
                                      [&](const GatewayAddress& address) { return address.value == *question_.request.address; });
      }
      found_.push_back(found);
    }
  }

  void add_named_parents(std::set<std::pair<std::string, std::string>>& names) {
    for (const Kind kind : {Kind::http_route, Kind::grpc_route, Kind::tls_route}) {
      const Seen<List<Route>> routes = facts_.list<Route>(kind, question_.ns);
      if (!routes.present()) continue;
      for (const Known<Route>& route : *routes) {
        for (const ParentRef& parent : route->parents) {
          if (parent.kind == "Gateway") names.emplace(parent.ns, parent.name);
        }
      }
    }
  }

  void find_ingresses() {
    std::map<std::string, Found> classes;
    for (const Known<Ingress>& ingress : read<Ingress>(Kind::ingress)) {
      const ClassOf which = class_of(*ingress, facts_);
      Found& found = classes[which.name];
      found.entry = {EntryPoint::Kind::ingress, {}, which.name};
      found.fit = std::max(found.fit, fit_of(*ingress, question_.request));
      if (!question_.request.address) continue;
      for (const IngressAddress& address : ingress->addresses)
        found.addressed =
            found.addressed || address.ip == *question_.request.address || address.hostname == *question_.request.address;
    }
    find_ingress_routes(classes);
    for (const auto& [name, found] : classes) found_.push_back(found);
  }

  // IngressRoutes enter by Traefik, beside its Ingresses where there are any.
  void find_ingress_routes(std::map<std::string, Found>& classes) {
    const std::shared_ptr<const TraefikRouters> routers = traefik_routers(question_.ns, facts_);
    out_.unread.insert(out_.unread.end(), routers->unread.begin(), routers->unread.end());
    if (routers->objects == 0) return;
    const auto fits = [&](const TraefikRouter& router) { return is_for_host(router, question_.request); };
    const bool ruled =
        std::any_of(routers->routers.begin(), routers->routers.end(), fits) ||
        std::any_of(routers->dropped.begin(), routers->dropped.end(), [&](const auto& one) { return fits(one.router); });
    const std::string name = traefik_class(classes);
    Found& found = classes[name];
    found.entry = {EntryPoint::Kind::ingress, {}, name};
    found.fit = std::max(found.fit, ruled ? Fit::rule : Fit::port);
  }

  // The class of Traefik under which its entrance is looked at: one with Ingresses, else any that exists, else the one of its
  // chart.
  std::string traefik_class(const std::map<std::string, Found>& classes) const {
    const auto is_traefik = [](const Controller* row) { return row != nullptr && row->id == "traefik"; };
    std::set<std::string> names;
    const Seen<List<IngressClass>> all = facts_.list<IngressClass>(Kind::ingress_class, "");
    if (all.present()) {
      for (const Known<IngressClass>& one : *all) {
        if (is_traefik(find_by_ingress_controller(one->controller))) names.insert(one->meta.ref.name);
      }
    }
    for (const auto& [name, found] : classes) {
      const std::shared_ptr<const IngressTable> table = name.empty() ? ingress_table(name, question_.ns, facts_) : nullptr;
      const bool classless = table != nullptr && table->dialect->id == "traefik";
      if (classless || names.contains(name) || (names.empty() && is_traefik(find_by_annotation_class(name)))) return name;
    }
    return names.empty() ? "traefik" : *names.begin();
  }

  void choose() {
    // An address that nobody published may still be theirs (NAT, a node): it rules nothing out then.
    const bool addressed = std::any_of(found_.begin(), found_.end(), [](const Found& one) { return one.addressed; });
    if (addressed) std::erase_if(found_, [](const Found& one) { return !one.addressed; });
    Fit best = Fit::none;
    for (const Found& one : found_) best = std::max(best, one.fit);
    // Other entrances take nothing away from those that take the request.
    if (best == Fit::rule) out_.unread.clear();
    for (const Found& one : found_) {
      if (one.fit == best && (best == Fit::rule || out_.entries.size() < most_misses)) out_.entries.push_back(one.entry);
    }
  }

  const Question& question_;
  const Facts& facts_;
  std::vector<Found> found_;
  EntryPoints out_;
};

Trace without_entrance(const Question& question, const Seen<Gateway>& gateway) {
  Trace out;
  out.request = question.request;
  if (question.entry->name.empty()) {
    out.outcome.action = question.unread.empty() ? Action::unreachable : Action::unknown;
    out.outcome.gateway = ref(Kind::name_space, "", question.ns);
    out.outcome.reason = "there is no Gateway and no Ingress";
    return out;
  }
  out.outcome.gateway = ref(Kind::gateway, question.entry->ns, question.entry->name);
  if (gateway.absent()) {
    out.outcome.action = Action::unreachable;
    out.outcome.reason = fmt::format("{} does not exist", out.outcome.gateway.text());
  } else {
    out.outcome.action = Action::unknown;
    out.outcome.reason = fmt::format("{} could not be read", out.outcome.gateway.text());
    out.unread.push_back({gateway.wish(), gateway.why()});
  }
  return out;
}

}  // namespace

EntryPoints find_entry_points(const Question& question, const Facts& facts) {
  if (question.entry) return {{*question.entry}, {}};
  return Search(question, facts).run();
}

namespace {

// A Secret with a certificate and its key, as TLS servers take it; nothing is wrong where it could not be read.
std::string problem_of(const Seen<Secret>& secret, std::vector<Unread>& unread) {
  if (secret.unknown()) unread.push_back({secret.wish(), secret.why()});
  if (secret.absent()) return "it does not exist";
  if (!secret.present()) return {};
  if (secret->chain.empty()) return "it holds no certificate that can be read";
  const bool no_key = secret->key == KeyState::absent || secret->key == KeyState::empty || secret->key == KeyState::differs;
  return no_key ? "it holds no key for its certificate" : std::string();
}

std::string problem_of(const IngressBackend& backend, const std::string& ns, const Facts& facts, std::vector<Unread>& unread) {
  if (backend.service.empty()) return {};
  const Seen<Service> service = facts.service(ns, backend.service);
  if (service.unknown()) unread.push_back({service.wish(), service.why()});
  return service_problem(service, ref(Kind::service, ns, backend.service), backend.port, backend.port_name);
}

// Objects that a dialect asks for are read only where it does, and only those that this request leads to.
Trace trace_with_facts(const Question& question, IngressTable table, const Facts& facts) {
  std::vector<Unread> unread;
  table.facts.backend_problem = [&](const IngressEntry& entry) {
    return problem_of(entry.backend(), entry.ingress->meta.ref.ns, facts, unread);
  };
  table.facts.secret_problem = [&](const Ingress& ingress, const IngressTls& tls) {
    const std::string found = problem_of(facts.secret(ingress.meta.ref.ns, tls.secret), unread);
    return found.empty() ? found : fmt::format("{}: {}", ref(Kind::secret, ingress.meta.ref.ns, tls.secret).text(), found);
  };
  Trace out = trace_ingress(question, table);
  if (table.dialect->id == "traefik") out = trace_traefik(question, table, facts, std::move(out));
  std::set<Wish> told;
  std::copy_if(unread.begin(), unread.end(), std::back_inserter(out.unread),
               [&](const Unread& one) { return told.insert(one.wish).second; });
  return out;
}

Trace trace_entrance(const Question& question, const Facts& facts) {
  const EntryPoint& entry = *question.entry;
  if (entry.kind == EntryPoint::Kind::gateway) {
    const std::shared_ptr<const GatewayTable> table =
        entry.name.empty() ? nullptr : gateway_table(entry.ns, entry.name, question.ns, facts);
    if (table != nullptr) {
      Trace traced = trace_gateway(question, *table);
      if (table->dialect.invalid_backends == InvalidBackends::left_out) leave_out_invalid(table->dialect, facts, traced);
      drop_invalid_mirrors(facts, traced);
      return traced;
    }
    return without_entrance(question, facts.get<Gateway>(Kind::gateway, entry.ns, entry.name));
  }
  const std::shared_ptr<const IngressTable> table = ingress_table(entry.name, question.ns, facts);
  if (table != nullptr) return trace_with_facts(question, *table, facts);
  Trace out;
  out.request = question.request;
  out.outcome.gateway = ref(Kind::ingress_class, "", entry.name);
  out.outcome.reason = "the Ingresses of this class could not be read";
  const Seen<List<Ingress>> all = facts.list<Ingress>(Kind::ingress, "");
  if (all.unknown()) out.unread.push_back({all.wish(), all.why()});
  return out;
}

}  // namespace

Trace trace(const Question& question, const Facts& facts) {
  Trace out = trace_entrance(question, facts);
  out.unread.insert(out.unread.end(), question.unread.begin(), question.unread.end());
  return out;
}

}  // namespace gwdoctor
