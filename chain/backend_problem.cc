#include "chain/backend_problem.h"

#include <fmt/format.h>

#include <algorithm>

namespace gwdoctor {

namespace {

bool grants_reference(const ReferenceGrant& grant, const Ref& from, const ObjectRef& to) {
  const std::size_t slash = from.api_version.find('/');
  const std::string group = slash == std::string::npos ? std::string() : from.api_version.substr(0, slash);
  const bool from_fits = std::any_of(grant.from.begin(), grant.from.end(), [&](const ReferenceGrant::From& entry) {
    return entry.group == group && entry.kind == from.kind && entry.ns == from.ns;
  });
  const bool to_fits = std::any_of(grant.to.begin(), grant.to.end(), [&](const ReferenceGrant::To& entry) {
    return entry.group == to.group && entry.kind == to.kind && (entry.name.empty() || entry.name == to.name);
  });
  return from_fits && to_fits;
}

bool offers(const Service& service, const std::optional<std::int64_t>& port, std::string_view port_name, bool target_ports) {
  if (service.is_external_name() || (!port && port_name.empty())) return true;
  if (!port) return service.port(port_name) != nullptr;
  if (service.port(*port) != nullptr) return true;
  return target_ports && std::any_of(service.ports.begin(), service.ports.end(),
                                     [&](const ServicePort& one) { return one.target_number == port; });
}

}  // namespace

GrantView::State grant_state(const Seen<List<ReferenceGrant>>& grants, const Ref& from, const ObjectRef& to) {
  if (grants.unknown()) return GrantView::State::unknown;
  if (grants.absent() || grants->empty()) return GrantView::State::missing;
  const bool granted =
      std::any_of(grants->begin(), grants->end(), [&](const auto& grant) { return grants_reference(*grant, from, to); });
  return granted ? GrantView::State::granted : GrantView::State::mismatch;
}

std::string grant_problem(const Ref& from, const Ref& to, const Facts& facts, std::vector<Unread>& unread) {
  if (to.ns == from.ns) return {};
  const Seen<List<ReferenceGrant>> grants = facts.list<ReferenceGrant>(Kind::reference_grant, to.ns);
  const GrantView::State state = grant_state(grants, from, reference_to(to));
  if (state == GrantView::State::unknown) unread.push_back({grants.wish(), grants.why()});
  return state == GrantView::State::missing || state == GrantView::State::mismatch ? ungranted(from, to.ns) : std::string();
}

ObjectRef reference_to(const Ref& object) {
  ObjectRef out;
  const std::size_t slash = object.api_version.find('/');
  if (slash != std::string::npos) out.group = object.api_version.substr(0, slash);
  out.kind = object.kind;
  out.ns = object.ns;
  out.name = object.name;
  return out;
}

std::string ungranted(const Ref& from, std::string_view ns) {
  return fmt::format("no ReferenceGrant in namespace {} lets {} refer to it", ns, from.text());
}

std::string service_problem(const Seen<Service>& service, const Ref& name, const std::optional<std::int64_t>& port,
                            std::string_view port_name, bool target_ports) {
  if (service.absent()) return name.text() + " does not exist";
  if (!service.present() || offers(*service, port, port_name, target_ports)) return {};
  return fmt::format("{} has no port {}", name.text(), port ? std::to_string(*port) : std::string(port_name));
}

}  // namespace gwdoctor
