#include "checks/check.h"

#include <algorithm>

#include "chain/attachment.h"
#include "chain/nearest.h"
#include "checks/grace.h"
#include "checks/support/names.h"
#include "checks/support/parents.h"

namespace gwdoctor {

namespace {

struct Spot {
  const RouteView& view;
  const ParentView& parent;
  const GatewayView& gateway;
  const Path& path;
  const Facts& facts;
};

std::string namespaces_path(const ListenerView& listener) { return listener.spec.path + ".allowedRoutes.namespaces"; }

// What to change so that the labels meet the selector, as the arguments of `kubectl label` and as a merge patch.
Fix label_namespace(const Seen<Namespace>& seen, const Selector& selector) {
  const Labels& labels = seen->meta.labels;
  const Ref& object = seen->meta.ref;
  Value changes{Value::Object{}};
  std::string arguments;
  bool overwrites = false;
  for (const Requirement& requirement : selector.requirements) {
    if (requirement.matches(labels)) continue;
    const bool removes = requirement.op == Requirement::Op::not_in || requirement.op == Requirement::Op::does_not_exist;
    const std::string value = requirement.op == Requirement::Op::in ? requirement.values.front() : "true";
    overwrites = overwrites || (!removes && label(labels, requirement.key) != nullptr);
    arguments += " " + shell_quote(removes ? requirement.key + "-" : fmt::format("{}={}", requirement.key, value));
    changes.set(requirement.key, removes ? Value() : Value(value));
  }
  Value merge{Value::Object{}};
  merge.set_path("metadata.labels", std::move(changes));
  const std::string command =
      fmt::format("kubectl label {}{}{}", kubectl_object(object), arguments, overwrites ? " --overwrite" : "");
  return Fix{
      fmt::format("label {} so that the listener takes its routes", object.text()), {command}, Patch{object, std::move(merge)}};
}

void selected(const Spot& at, const ListenerView& listener, const LabelDifference& difference, Verdicts& out) {
  const Selector& selector = listener.spec.namespaces.selector;
  const Seen<Namespace>& seen = at.view.name_space;
  std::vector<std::string> items;
  for (const LabelDifference::Item& item : difference.items) items.push_back(item.text());
  out.fail(at.parent.scope)
      .object(seen->meta.ref, "metadata.labels")
      .reason("route-not-allowed-by-listeners")
      .says("{} takes routes of namespaces with {} only; in {}, {}", text_of(listener), selector.text(), seen->meta.ref.text(),
            join_names(items))
      .saw(seen, seen->meta.ref, "metadata.labels")
      .saw(listener.owner, namespaces_path(listener), listener.document->at_path(namespaces_path(listener)))
      .affects(at.view.ref)
      .affects(listener.owner)
      .fix(label_namespace(seen, selector));
}

// A selector that is absent, or asks for one of no values.
bool selects_nothing(const Selector& selector) {
  return std::any_of(selector.requirements.begin(), selector.requirements.end(), [](const Requirement& requirement) {
    return requirement.op == Requirement::Op::in && requirement.values.empty();
  });
}

std::string admits(const ListenerView& listener) {
  const FromNamespaces& from = listener.spec.namespaces;
  switch (from.from) {
    case FromNamespaces::From::none:
      return "takes routes of no namespace";
    case FromNamespaces::From::selector:
      if (selects_nothing(from.selector)) return "takes routes of no namespace, since it selects none";
      return fmt::format("takes routes of namespaces with {} only", from.selector.text());
    case FromNamespaces::From::same:
    case FromNamespaces::From::all:
      break;
  }
  return fmt::format("takes routes of namespace {} only{}", listener.owner.ns, from.written ? "" : ", as is the default");
}

// Same, None, or a selector where the Namespace itself is not there.
void unselected(const Spot& at, const ListenerView& listener, Verdicts& out) {
  const std::string field = namespaces_path(listener);
  const std::string& ns = at.view.ref.ns;
  const bool gone = at.view.name_space.absent();
  Value labels{Value::Object{}};
  labels.set("kubernetes.io/metadata.name", ns);
  Value from{Value::Object{}};
  from.set("from", "Selector");
  from.set_path("selector.matchLabels", std::move(labels));
  FindingBuilder finding = out.fail(at.parent.scope);
  finding.object(listener.owner, field)
      .reason("route-not-allowed-by-listeners")
      .says("{} {}, and {} is in {}{}", text_of(listener), admits(listener), at.view.ref.text(), ns,
            gone ? ", of which there is no Namespace" : "")
      .saw(listener.owner, field, listener.document->at_path(field))
      .affects(at.view.ref);
  if (gone) {
    finding.fix(by_hand("create the Namespace with the labels that the listener selects",
                        {fmt::format("kubectl create namespace {}", shell_quote(ns))}));
  } else {
    finding.fix(set_field(listener.owner, *listener.document, field, std::move(from),
                          fmt::format("let listener {} take the routes of namespace {}", listener.spec.name, ns)));
  }
}

// Of several listeners that refuse, the one whose selector the namespace comes nearest to was meant.
void by_namespace(const Spot& at, const std::vector<std::size_t>& listeners, Verdicts& out) {
  const ListenerView* meant = nullptr;
  LabelDifference nearest_difference;
  for (const std::size_t index : listeners) {
    const ListenerView& listener = at.gateway.listeners[index];
    const FromNamespaces& from = listener.spec.namespaces;
    if (from.from != FromNamespaces::From::selector || selects_nothing(from.selector) || !at.view.name_space.present()) continue;
    const LabelDifference difference = closest_labels(listener.spec.namespaces.selector, at.view.name_space->meta.labels);
    if (meant != nullptr && difference.score <= nearest_difference.score) continue;
    meant = &listener;
    nearest_difference = difference;
  }
  if (meant != nullptr) return selected(at, *meant, nearest_difference, out);
  unselected(at, at.gateway.listeners[listeners.front()], out);
}

std::string_view protocols_for(Kind route) {
  switch (route) {
    case Kind::tls_route:
      return "TLS";
    case Kind::tcp_route:
      return "TCP";
    case Kind::udp_route:
      return "UDP";
    default:
      return "HTTP or HTTPS";
  }
}

// A listener of the same parent that would take the route, if the parentRef named it.
const Listener* fitting(const Spot& at) {
  for (const AttachmentView& attachment : at.parent.attachments) {
    const ListenerView& listener = at.gateway.listeners[attachment.listener];
    ParentRef there = at.parent.reference;
    there.section = listener.spec.name;
    there.port.reset();
    Seen<Namespace> labels;
    if (attach(*at.view.route, there, listener, attachment.listener, at.facts, labels).state == Attachment::attached) {
      return &listener.spec;
    }
  }
  return nullptr;
}

std::optional<Fix> name_listener(const Spot& at, const Listener& listener) {
  const ParentRef& reference = at.parent.reference;
  std::vector<FieldChange> changes{{reference.path + ".sectionName", listener.name}};
  if (reference.port) changes.push_back({reference.path + ".port", listener.port});
  return set_fields(at.view.ref, at.view.route.document(), changes, fmt::format("name the listener {}", listener.name));
}

void by_protocol(const Spot& at, const std::vector<std::size_t>& listeners, Verdicts& out) {
  const ListenerView& first = at.gateway.listeners[listeners.front()];
  const ParentRef& reference = at.parent.reference;
  const std::string_view wanted = protocols_for(at.view.route->kind);
  FindingBuilder finding = out.fail(at.parent.scope);
  finding.object(at.view.ref, reference.path + (reference.section.empty() ? "" : ".sectionName"))
      .reason("route-not-allowed-by-listeners")
      .saw(at.view.route, at.view.ref, reference.path)
      .saw(first.owner, first.spec.path + ".protocol", first.spec.protocol)
      .affects(first.owner);
  if (listeners.size() == 1) {
    finding.says("{} has protocol {}; {} needs {}", text_of(first), first.spec.protocol, at.view.ref.text(), wanted);
  } else {
    finding.says("no listener of {} that {} names has protocol {}", text_of(reference), at.view.ref.text(), wanted);
  }
  if (const Listener* listener = fitting(at)) {
    finding.fix(name_listener(at, *listener));
  } else {
    finding.fix(by_hand(
        fmt::format("attach the route to a listener of protocol {}, or write a route of the kind that the listener carries",
                    wanted),
        {fmt::format("kubectl get {} -o jsonpath='{{.spec.listeners}}'", kubectl_object(first.owner))}));
  }
}

// The rules of the listener admit the route, and its controller says that they do not. A listener that is itself at
// fault takes no routes: that is said by other codes.
void contradicted(const Spot& at, Verdicts& out) {
  const ParentWord said_of = word_of(at.view, at.parent, at.path, "Accepted");
  const bool refused = said_of.word == Word::no && said_of.condition->reason == "NotAllowedByListeners";
  const bool sound =
      std::any_of(at.parent.attachments.begin(), at.parent.attachments.end(), [&](const AttachmentView& attachment) {
        return attachment.state == Attachment::attached &&
               fault_of(at.gateway.listeners[attachment.listener]) == ListenerFault::none;
      });
  if (!refused || !sound) return out.pass(at.parent.scope);
  const std::string who = controller_of(at.parent, at.path, *said_of.status);
  if (may_change(*said_of.condition, at.view, at.parent, at.path, at.facts)) {
    return out.unknown(at.parent.scope, at.view.route.wish(), pending(who));
  }
  out.fail(at.parent.scope)
      .object(at.view.ref, at.parent.reference.path)
      .reason("route-not-allowed-by-listeners")
      .certainty(Certainty::observed)
      .says("{} says that no listener of {} allows {}, though allowedRoutes does: {}", who, text_of(at.parent.reference),
            at.view.ref.text(), said(*said_of.condition))
      .saw(at.view.route, at.view.ref, said_of.status->path + ".conditions")
      .affects(at.gateway.ref)
      .fix(by_hand(fmt::format("find out from the log of {} which listener it means, and which rule", who),
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(at.gateway.ref))}));
}

void judge(const Spot& at, Verdicts& out) {
  if (at.gateway.gateway.unknown()) out.unknown(at.parent.scope, at.gateway.gateway);
  if (!at.gateway.gateway.present()) return;
  if (at.parent.attached) return contradicted(at, out);
  const Refusal refusal = refusal_of(at.view, at.parent, at.gateway);
  if (refusal.unsure) {
    // Who may not read Namespaces has the controller's word for it.
    if (word_of(at.view, at.parent, at.path, "Accepted").word == Word::yes) return out.pass(at.parent.scope);
    return out.unknown(at.parent.scope, at.view.name_space);
  }
  if (!refusal.by_protocol.empty()) return by_protocol(at, refusal.by_protocol, out);
  if (!refusal.by_namespace.empty()) return by_namespace(at, refusal.by_namespace, out);
  if (!refusal.by_hostname.empty()) out.pass(at.parent.scope);
}

// Gateway API v1.6, AllowedRoutes: a route attaches where the listener's protocol carries its kind and the listener
// admits its namespace, by that namespace's labels. One listener of a parent is enough.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway != no_index) judge({view, parent, path.gateways[parent.gateway], path, facts}, out);
    }
  }
}

}  // namespace

extern constinit const Check route_not_allowed{
    .code = "route-not-allowed",
    .title = "no listener of the parent allows the route",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::gateway, Kind::name_space},
    .explains = {"route-not-accepted", "route-not-attached", "route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor
