// GatewayClass, Gateway and ListenerSet. The defaults are those of the CRDs of Gateway API v1.6.

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

constexpr std::string_view gateway_group = "gateway.networking.k8s.io";

FromNamespaces decode_from(const Value& namespaces, FromNamespaces::From fallback) {
  using From = FromNamespaces::From;
  FromNamespaces out{fallback, {}, true};
  const std::string from = namespaces["from"].text();
  if (from == "Same") {
    out.from = From::same;
  } else if (from == "All") {
    out.from = From::all;
  } else if (from == "None") {
    out.from = From::none;
  } else if (from == "Selector") {
    out.from = From::selector;
    out.selector = decode_selector(namespaces["selector"]);
  } else {
    out.written = false;
  }
  return out;
}

std::vector<RouteGroupKind> decode_kinds(const Value& kinds) {
  return decode_each(kinds, "kinds", [](const Value& item, const std::string&) {
    return RouteGroupKind{item["group"].text(gateway_group), item["kind"].text()};
  });
}

std::vector<GatewayAddress> decode_addresses(const Value& addresses) {
  return decode_each(addresses, "addresses", [](const Value& item, const std::string&) {
    return GatewayAddress{filled_text(item["type"], "IPAddress"), item["value"].text()};
  });
}

void decode_tls(const Value& tls, std::string_view ns, Listener& out) {
  out.has_tls = tls.is_object();
  if (!out.has_tls) return;
  out.tls = tls["mode"].string() == "Passthrough" ? Listener::TlsMode::passthrough : Listener::TlsMode::terminate;
  out.certificates =
      decode_each(tls["certificateRefs"], out.path + ".tls.certificateRefs",
                  [&](const Value& item, const std::string& path) { return decode_ref(item, path, "", "Secret", ns); });
}

std::vector<Listener> decode_listeners(const Value& listeners, const std::string& ns) {
  return decode_each(listeners, "spec.listeners", [&](const Value& item, const std::string& path) {
    const Value& allowed = item["allowedRoutes"];
    Listener out;
    out.path = path;
    out.name = item["name"].text();
    out.protocol = item["protocol"].text();
    out.port = item["port"].integer().value_or(0);
    out.hostname = lower_case(item["hostname"].text());
    decode_tls(item["tls"], ns, out);
    out.namespaces = decode_from(allowed["namespaces"], FromNamespaces::From::same);
    out.kinds = decode_kinds(allowed["kinds"]);
    return out;
  });
}

std::vector<ListenerStatus> decode_listener_status(const Value& listeners) {
  return decode_each(listeners, "status.listeners", [](const Value& item, const std::string& path) {
    return ListenerStatus{item["name"].text(), item["attachedRoutes"].integer(), decode_kinds(item["supportedKinds"]),
                          decode_conditions(item["conditions"]), path};
  });
}

}  // namespace

template <>
GatewayClass decode<GatewayClass>(const Value& document, Kind kind) {
  const Value& status = document["status"];
  GatewayClass out;
  out.meta = decode_meta(document, kind);
  out.controller_name = document["spec"]["controllerName"].text();
  // Objects with a name; plain strings before v1.2.
  for (const Value& feature : status["supportedFeatures"].items()) {
    std::string name = feature.is_string() ? feature.text() : feature["name"].text();
    if (!name.empty()) out.supported_features.push_back(std::move(name));
  }
  out.conditions = decode_conditions(status["conditions"]);
  return out;
}

template <>
Gateway decode<Gateway>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  const Value& status = document["status"];
  Gateway out;
  out.meta = decode_meta(document, kind);
  out.class_name = spec["gatewayClassName"].text();
  out.wanted_addresses = decode_addresses(spec["addresses"]);
  out.listeners = decode_listeners(spec["listeners"], out.meta.ref.ns);
  out.allowed_listeners = decode_from(spec["allowedListeners"]["namespaces"], FromNamespaces::From::none);
  out.addresses = decode_addresses(status["addresses"]);
  out.conditions = decode_conditions(status["conditions"]);
  out.listener_status = decode_listener_status(status["listeners"]);
  out.has_status = has_written_status(status);
  return out;
}

template <>
ListenerSet decode<ListenerSet>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  const Value& status = document["status"];
  ListenerSet out;
  out.meta = decode_meta(document, kind);
  out.parent = decode_ref(spec["parentRef"], "spec.parentRef", gateway_group, "Gateway", out.meta.ref.ns);
  out.listeners = decode_listeners(spec["listeners"], out.meta.ref.ns);
  out.conditions = decode_conditions(status["conditions"]);
  out.listener_status = decode_listener_status(status["listeners"]);
  out.has_status = has_written_status(status);
  return out;
}

}  // namespace gwdoctor
