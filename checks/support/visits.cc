#include "checks/support/visits.h"

#include <algorithm>
#include <map>

#include "checks/support/addresses.h"
#include "checks/support/grpc.h"
#include "checks/support/taken.h"

namespace gwdoctor {

namespace {

class Visitor {
 public:
  Visitor(const Path& path, const Facts& facts, Visits& out) : path_(path), facts_(facts), out_(out) {}
  void visit_all();

 private:
  void visit(const FrontHost& host, const FrontPort& port, const HttpUrl& url, const std::string& method,
             const std::vector<FrontTarget>& targets);
  void visit_traced(const FrontHost& host);
  [[nodiscard]] Seen<HttpAnswer> ask(const HttpUrl& url, const std::string& address, const std::string& method) const;
  [[nodiscard]] bool is_dead(const FrontTarget& target, std::int64_t port) const;
  [[nodiscard]] bool shares_entrance(const std::string& host, const Visit& visit) const;
  [[nodiscard]] std::string address_for(const HttpUrl& url, Visit& visit) const;
  [[nodiscard]] std::string looked_up(const HttpUrl& url, Visit& visit) const;
  void follow(Visit& visit) const;
  [[nodiscard]] std::optional<Taken> end_of(const Visit& visit) const;

  const Path& path_;
  const Facts& facts_;
  Visits& out_;
};

Seen<HttpAnswer> Visitor::ask(const HttpUrl& url, const std::string& address, const std::string& method) const {
  HttpQuestion question;
  question.address = address;
  question.port = url.port;
  question.tls = url.tls();
  question.host = url.host;
  question.method = method;
  question.path = url.path;
  return facts_.http(question);
}

bool Visitor::is_dead(const FrontTarget& target, std::int64_t port) const {
  if (!facts_.probes(ProbeKind::tcp)) return false;
  const Seen<TcpAnswer> answer = facts_.tcp(target.address, port);
  return answer.present() && answer->result != TcpResult::connected;
}

// Another name of the Gateway or Ingress, or one that publishes the same addresses.
bool Visitor::shares_entrance(const std::string& host, const Visit& visit) const {
  return std::any_of(out_.front->hosts.begin(), out_.front->hosts.end(), [&](const FrontHost& one) {
    if (one.host != host) return false;
    if (visit.host->gateway != no_index && one.gateway == visit.host->gateway) return true;
    const FrontAddress* published = visit.hops.front().target.published;
    return published != nullptr && std::any_of(one.addresses.begin(), one.addresses.end(),
                                               [&](const FrontAddress& address) { return address.value == published->value; });
  });
}

// A page of somebody else must not lead this machine into its own network: nothing there is asked on its behalf.
bool may_lead_to(const std::string& address, const std::string& entrance) {
  const std::optional<IpAddress> to = parse_ip(address);
  const std::optional<IpAddress> from = parse_ip(entrance);
  if (!to || !from) return false;
  if (reach_of(*to) == Reach::everywhere) return true;
  return reach_of(*to) == Reach::within && reach_of(*from) != Reach::everywhere;
}

std::string Visitor::looked_up(const HttpUrl& url, Visit& visit) const {
  if (is_address(url.host)) {
    visit.why = "an address of its own";
    return {};
  }
  if (!facts_.probes(ProbeKind::dns)) return {};
  const Seen<DnsAnswer> answer = facts_.dns(url.host, facts_.settings().resolvers().front());
  if (!answer.present()) {
    visit.why = "its name was not looked up";
    return {};
  }
  if (!answer->resolves()) {
    visit.why = "its name does not resolve";
    return {};
  }
  const std::string& entrance = visit.hops.front().target.address;
  const std::vector<std::string> addresses = answer->addresses();
  if (std::find(addresses.begin(), addresses.end(), entrance) != addresses.end()) return entrance;
  for (const std::string& address : addresses) {
    if (may_lead_to(address, entrance)) return address;
  }
  visit.why = "its address is in a private network";
  return {};
}

// The address for the next request; "" with `why` where it is not made.
std::string Visitor::address_for(const HttpUrl& url, Visit& visit) const {
  for (const Hop& hop : visit.hops) {
    if (hop.url.host == url.host) return hop.target.address;
  }
  if (shares_entrance(url.host, visit) || url.host == visit.hops.front().target.address) return visit.hops.front().target.address;
  return looked_up(url, visit);
}

void Visitor::follow(Visit& visit) const {
  for (;;) {
    const Hop& hop = visit.hops.back();
    if (hop.answer.unknown()) return static_cast<void>(visit.end = Visit::End::unknown);
    if (hop.answer->result != HttpResult::answered) return static_cast<void>(visit.end = Visit::End::no_answer);
    if (!is_redirect(*hop.answer)) return static_cast<void>(visit.end = Visit::End::answered);
    const std::optional<HttpUrl> next = redirect_target(*hop.answer);
    if (!next) return static_cast<void>(visit.end = Visit::End::unreadable);
    visit.next = next->text();
    const auto met = std::find_if(visit.hops.begin(), visit.hops.end(), [&](const Hop& one) { return one.url == *next; });
    if (met != visit.hops.end()) {
      visit.back = static_cast<std::size_t>(met - visit.hops.begin());
      return static_cast<void>(visit.end = Visit::End::loop);
    }
    if (visit.hops.size() > most_redirects) return static_cast<void>(visit.end = Visit::End::endless);
    const std::string address = address_for(*next, visit);
    if (address.empty()) return static_cast<void>(visit.end = Visit::End::elsewhere);
    const FrontTarget& first = visit.hops.front().target;
    FrontTarget target = first;
    if (address != first.address) target = {address, nullptr, address.find(':') != std::string::npos};
    Hop following{*next, std::move(target), ask(*next, address, visit.method), address == first.address};
    visit.hops.push_back(std::move(following));
  }
}

std::optional<Taken> Visitor::end_of(const Visit& visit) const {
  const Hop& last = visit.last();
  if (!last.here || path_.trace != nullptr) return std::nullopt;
  for (const FrontHost& host : out_.front->hosts) {
    if (host.host != last.url.host) continue;
    for (const FrontPort& port : host.ports) {
      if (port.port == last.url.port && port.tls == last.url.tls() && !port.passthrough)
        return taken_by(last.url, visit.method, host, port, path_);
    }
  }
  return std::nullopt;
}

void Visitor::visit(const FrontHost& host, const FrontPort& port, const HttpUrl& url, const std::string& method,
                    const std::vector<FrontTarget>& targets) {
  Visit visit;
  visit.host = &host;
  visit.port = &port;
  visit.method = method;
  for (const FrontTarget& target : targets) {
    if (is_dead(target, url.port)) continue;
    Hop first{url, target, ask(url, target.address, method), true};
    const bool no_way = first.answer.present() && first.answer->result == HttpResult::no_route;
    if (!visit.hops.empty() && no_way) continue;
    visit.hops.clear();
    visit.hops.push_back(std::move(first));
    if (!no_way) break;
  }
  if (visit.hops.empty()) return;
  follow(visit);
  const Hop& last = visit.last();
  if (last.answer.present() && last.answer->result == HttpResult::answered) {
    const Controller* controller = controller_of(host, path_);
    visit.speaker = speaker_of(last.answer->status, last.answer->headers, last.answer->body,
                               controller == nullptr ? std::string_view() : controller->id);
  }
  visit.taken = taken_by(url, method, host, port, path_);
  visit.ends = visit.hops.size() == 1 ? visit.taken : end_of(visit);
  out_.all.push_back(std::move(visit));
}

// --send sends whatever was traced; what is asked here changes nothing, and is the very request.
void Visitor::visit_traced(const FrontHost& host) {
  const Request& request = path_.trace->request;
  const bool plain = request.is_http() && !request.grpc && !request.websocket && request.headers.empty() &&
                     (request.method == "GET" || request.method == "HEAD") && (!request.tls || request.sni == request.host);
  if (!plain || request.host.empty() || host.ports.empty()) return;
  const HttpUrl url{request.scheme, request.host, request.port,
                    request.query.empty() ? request.path : request.path + "?" + request.query};
  std::vector<FrontTarget> targets = targets_of(host, facts_).all;
  if (request.address) targets = {{*request.address, nullptr, request.address->find(':') != std::string::npos}};
  visit(host, host.ports.front(), url, request.method, targets);
}

void Visitor::visit_all() {
  for (const FrontHost& host : out_.front->hosts) {
    if (path_.trace != nullptr) {
      if (out_.all.empty()) visit_traced(host);
      continue;
    }
    if (host.host.empty()) continue;
    for (const FrontPort& port : host.ports) {
      const bool is_http = port.scheme == "http" || port.scheme == "https";
      if (!is_http || port.passthrough || !port.scope.any() || is_for_grpc_alone(port.scope, path_)) continue;
      visit(host, port, {port.tls ? "https" : "http", host.host, port.port, facts_.settings().probe_path}, "GET",
            targets_of(host, facts_).all);
    }
  }
}

}  // namespace

std::string resolve_flag(const Hop& hop) {
  return "--resolve " + shell_quote(fmt::format("{}:{}:{}", hop.url.host, hop.url.port, hop.target.address));
}

bool Visit::sets_cookie() const {
  return std::any_of(hops.begin() + static_cast<std::ptrdiff_t>(end == End::loop ? back : 0), hops.end(),
                     [](const Hop& hop) { return hop.answer.present() && hop.answer->sets_cookie; });
}

std::shared_ptr<const Visits> visits_of(const Path& path, const Facts& facts) {
  if (!facts.probes(ProbeKind::http)) return std::make_shared<const Visits>();
  std::string key = fmt::format("visits {}", path.target.text());
  if (path.trace != nullptr) {
    key += " " + path.trace->request.text();
    for (const Entrance& one : path.entrances) key += fmt::format(" {}|{}|{}|{}", one.host, one.scheme, one.port, one.gateway);
  }
  return facts.memo<Visits>(key, [&] {
    Visits out;
    out.front = front_of(path, facts);
    Visitor(path, facts, out).visit_all();
    return out;
  });
}

}  // namespace gwdoctor
