#include "checks/support/grants.h"

#include <algorithm>

#include "checks/support/parents.h"
#include "checks/support/suspects.h"

namespace gwdoctor {

namespace {

// How an entry of a grant differs from what is needed: how many fields do, and one of them.
struct Difference {
  int fields = 0;
  std::string field;
  std::string found;
  std::string wanted;

  void compare(std::string_view name, std::string_view has, std::string_view needs) {
    if (has == needs) return;
    ++fields;
    field = name;
    found = has;
    wanted = needs;
  }
};

Difference differs(const ReferenceGrant::From& entry, const GrantView& view) {
  Difference out;
  out.compare("group", entry.group, group_of(view.from));
  out.compare("kind", entry.kind, view.from.kind);
  out.compare("namespace", entry.ns, view.from.ns);
  return out;
}

Difference differs(const ReferenceGrant::To& entry, const GrantView& view) {
  Difference out;
  out.compare("group", entry.group, view.to.group);
  out.compare("kind", entry.kind, view.to.kind);
  if (!entry.name.empty()) out.compare("name", entry.name, view.to.name);
  return out;
}

template <class Entry>
bool covered(const std::vector<Entry>& entries, const GrantView& view) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return differs(entry, view).fields == 0; });
}

// The entry that differs in one field alone.
template <class Entry>
std::optional<NearGrant> nearly(const std::vector<Entry>& entries, std::string_view list, const GrantView& view) {
  for (std::size_t at = 0; at < entries.size(); ++at) {
    const Difference difference = differs(entries[at], view);
    if (difference.fields != 1) continue;
    return NearGrant{NearGrant::What::from,
                     {},
                     fmt::format("spec.{}[{}].{}", list, at, difference.field),
                     difference.found,
                     difference.wanted};
  }
  return std::nullopt;
}

std::optional<NearGrant> near(const Known<ReferenceGrant>& grant, const GrantView& view) {
  std::optional<NearGrant> out;
  if (covered(grant->to, view)) out = nearly(grant->from, "from", view);
  if (!out && covered(grant->from, view)) {
    out = nearly(grant->to, "to", view);
    if (out) out->what = NearGrant::What::to;
  }
  if (out) out->grant = grant;
  return out;
}

List<ReferenceGrant> in_order(const Seen<List<ReferenceGrant>>& seen) {
  if (!seen.present()) return {};
  List<ReferenceGrant> out = *seen;
  std::sort(out.begin(), out.end(), [](const auto& left, const auto& right) { return left->meta.ref < right->meta.ref; });
  return out;
}

// A name that no grant there has: applying must not overwrite another one.
std::string new_name(const GrantView& view) {
  std::string name = "allow-" + view.from.ns;
  const List<ReferenceGrant> grants = in_order(view.grants);
  const auto taken = [&] {
    return std::any_of(grants.begin(), grants.end(), [&](const auto& grant) { return grant->meta.ref.name == name; });
  };
  for (int number = 2; taken(); ++number) name = fmt::format("allow-{}-{}", view.from.ns, number);
  return name;
}

}  // namespace

std::optional<NearGrant> near_grant(const GrantView& view, const Facts& facts) {
  for (const Known<ReferenceGrant>& grant : in_order(view.grants)) {
    if (std::optional<NearGrant> found = near(grant, view)) return found;
  }
  for (const Known<ReferenceGrant>& grant : in_order(facts.list<ReferenceGrant>(Kind::reference_grant, view.from.ns))) {
    if (!covered(grant->from, view) || !covered(grant->to, view)) continue;
    return NearGrant{NearGrant::What::wrong_namespace, grant, "metadata.namespace", view.from.ns, view.to.ns};
  }
  return std::nullopt;
}

std::string group_of(const Ref& object) {
  const std::size_t slash = object.api_version.find('/');
  return slash == std::string::npos ? std::string() : object.api_version.substr(0, slash);
}

std::string text_of(const ObjectRef& object) {
  Ref named;
  named.kind = object.kind;
  named.ns = object.ns;
  named.name = object.name;
  return named.text();
}

bool is_vouched_for(const GrantView& view, const Path& path) {
  bool vouched = false;
  const auto hear = [&](Word word) {
    vouched = word == Word::yes;
    return vouched;
  };
  for (const RouteView& route : path.routes) {
    if (route.ref != view.from || !route.route.present()) continue;
    for (const ParentView& parent : route.parents) {
      if (parent.gateway != no_index && !hear(word_of(route, parent, path, "ResolvedRefs").word)) return false;
    }
  }
  for (const CertificateView& certificate : path.certificates) {
    if (certificate.owner != view.from || certificate.path != view.path || certificate.gateway == no_index) continue;
    const ListenerView& listener = path.gateways[certificate.gateway].listeners[certificate.listener];
    if (!listener.status || !hear(word(listener.status->conditions, "ResolvedRefs", generation_of(listener)))) return false;
  }
  return vouched;
}

std::optional<NotPermitted> not_permitted(const GrantView& view, const Path& path) {
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    const RouteView& referrer = path.routes[route];
    if (referrer.ref != view.from || !referrer.route.present()) continue;
    for (const ParentView& parent : referrer.parents) {
      const ParentWord said_of = word_of(referrer, parent, path, "ResolvedRefs");
      if (parent.gateway == no_index || said_of.word != Word::no || said_of.condition->reason != "RefNotPermitted") continue;
      const Suspects suspects = suspects_of(*said_of.condition, route, path);
      const bool meant = suspects.sure && std::any_of(suspects.legs.begin(), suspects.legs.end(), [&](const Leg* leg) {
                           return leg->grant != no_index && &path.grants[leg->grant] == &view;
                         });
      if (meant) return NotPermitted{*said_of.condition, view.from, said_of.status->path + ".conditions"};
    }
  }
  for (const CertificateView& certificate : path.certificates) {
    if (certificate.owner != view.from || certificate.path != view.path || certificate.gateway == no_index) continue;
    const ListenerView& listener = path.gateways[certificate.gateway].listeners[certificate.listener];
    const Condition* resolved = listener.status ? condition(listener.status->conditions, "ResolvedRefs") : nullptr;
    const bool refused = word(resolved, generation_of(listener)) == Word::no && resolved->reason == "RefNotPermitted";
    if (refused && certificate.siblings == 1) return NotPermitted{*resolved, listener.owner, conditions_path(listener)};
  }
  return std::nullopt;
}

bool has_alternatives(const GrantView& view, const Path& path) {
  return std::any_of(path.certificates.begin(), path.certificates.end(), [&](const CertificateView& certificate) {
    return certificate.owner == view.from && certificate.path == view.path && certificate.siblings > 1;
  });
}

Value from_entry(const GrantView& view) {
  Value entry{Value::Object{}};
  entry.set("group", group_of(view.from));
  entry.set("kind", view.from.kind);
  entry.set("namespace", view.from.ns);
  return entry;
}

Value to_entry(const GrantView& view) {
  Value entry{Value::Object{}};
  entry.set("group", view.to.group);
  entry.set("kind", view.to.kind);
  entry.set("name", view.to.name);
  return entry;
}

Fix create_grant(const GrantView& view, const Facts& facts) {
  const Seen<Served> served = facts.served(Kind::reference_grant);
  if (served.absent()) {
    return by_hand(fmt::format("install the CRD of ReferenceGrant, or move {} into namespace {}", text_of(view.to), view.from.ns),
                   {"kubectl api-resources --api-group=gateway.networking.k8s.io"});
  }
  Ref object = ref(Kind::reference_grant, view.to.ns, new_name(view));
  if (served.present()) object.api_version = api_version(Kind::reference_grant, served->version);
  Value document{Value::Object{}};
  document.set("apiVersion", object.api_version);
  document.set("kind", object.kind);
  document.set_path("metadata.name", object.name);
  document.set_path("metadata.namespace", object.ns);
  document.set_path("spec.from", Value(Value::Array{from_entry(view)}));
  document.set_path("spec.to", Value(Value::Array{to_entry(view)}));
  return create_object(object, std::move(document), fmt::format("allow the reference in namespace {}", view.to.ns));
}

}  // namespace gwdoctor
