#include "checks/support/gateway_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kube/clean.h"

namespace gwdoctor {

namespace {

using Status = Condition::Status;

// Reasons with which a controller says False while it only has not come so far (Gateway API v1.6; NotReconciled is the
// name of older versions).
constexpr std::array<std::string_view, 3> waiting_reasons{"Pending", "NotReconciled", "Waiting"};

// Reasons of ResolvedRefs that are about something else than the certificates of the listener.
constexpr std::array<std::string_view, 3> other_references{"InvalidRouteKinds", "InvalidCACertificateRef",
                                                           "InvalidCACertificateKind"};

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool about_certificates(const ListenerView& listener, const Condition& resolved) {
  return listener.spec.tls == Listener::TlsMode::terminate && !among(other_references, resolved.reason);
}

}  // namespace

Word word(const Condition* condition, std::int64_t generation) {
  if (condition == nullptr) return Word::none;
  if (condition->status == Status::unknown || is_crd_default(*condition)) return Word::waiting;
  const std::int64_t observed = condition->observed.value_or(0);
  if (observed > 0 && observed < generation) return Word::stale;
  if (condition->status == Status::is_true) return Word::yes;
  return among(waiting_reasons, condition->reason) ? Word::waiting : Word::no;
}

Word word(const Conditions& conditions, std::string_view type, std::int64_t generation) {
  return word(condition(conditions, type), generation);
}

bool is_programmed(const Gateway& gateway) {
  return word(gateway.conditions, "Programmed", gateway.meta.generation) == Word::yes;
}

ListenerFault fault_of(const ListenerView& listener) {
  if (!listener.status) return ListenerFault::unsaid;
  const Conditions& conditions = listener.status->conditions;
  const std::int64_t generation = generation_of(listener);
  if (word(conditions, "Conflicted", generation) == Word::yes) return ListenerFault::conflicted;
  const Condition* resolved = condition(conditions, "ResolvedRefs");
  if (word(resolved, generation) == Word::no && about_certificates(listener, *resolved)) return ListenerFault::certificate;
  const Word accepted = word(conditions, "Accepted", generation);
  const Word programmed = word(conditions, "Programmed", generation);
  if (accepted == Word::no) return ListenerFault::not_accepted;
  if (programmed == Word::no) return ListenerFault::not_programmed;
  return accepted == Word::yes || programmed == Word::yes ? ListenerFault::none : ListenerFault::unsaid;
}

const Condition* condition_of(const ListenerView& listener, ListenerFault fault) {
  if (!listener.status) return nullptr;
  const Conditions& conditions = listener.status->conditions;
  switch (fault) {
    case ListenerFault::none:
    case ListenerFault::unsaid:
      return nullptr;
    case ListenerFault::conflicted:
      return condition(conditions, "Conflicted");
    case ListenerFault::certificate:
      return condition(conditions, "ResolvedRefs");
    case ListenerFault::not_accepted:
      return condition(conditions, "Accepted");
    case ListenerFault::not_programmed:
      return condition(conditions, "Programmed");
  }
  return nullptr;
}

bool is_served(const ListenerView& listener) {
  if (!listener.status) return false;
  const Conditions& conditions = listener.status->conditions;
  const std::int64_t generation = generation_of(listener);
  return word(conditions, "Programmed", generation) == Word::yes && word(conditions, "Conflicted", generation) != Word::yes;
}

Scope faulty_listeners(const GatewayView& gateway, const Path& path) {
  Scope scope = path.nothing();
  for (const ListenerView& listener : gateway.listeners) {
    if (listener.on_path && fault_of(listener) != ListenerFault::none) scope |= listener.scope;
  }
  return scope;
}

std::int64_t generation_of(const ListenerView& listener) {
  return listener.document == nullptr ? 0 : listener.document->at_path("metadata.generation").integer().value_or(0);
}

std::string text_of(const ListenerView& listener) {
  return fmt::format("listener {} of {}", listener.spec.name, listener.owner.text());
}

std::string shape_of(const Listener& listener) {
  return fmt::format("{} on port {} for {}", listener.protocol, listener.port,
                     listener.hostname.empty() ? "any host" : listener.hostname);
}

std::string said(const Condition& condition) {
  const std::string message = clean_line(condition.message, 240);
  if (message.empty()) return condition.reason;
  return fmt::format("{} ({})", condition.reason, message);
}

std::string conditions_path(const ListenerView& listener) {
  return listener.status ? listener.status->path + ".conditions" : "status.listeners";
}

std::string condition_path(const Value& document, std::string_view list, std::string_view type) {
  const Value& conditions = document.at_path(list);
  for (std::size_t at = 0; at < conditions.size(); ++at) {
    if (conditions[at]["type"].string() == type) return fmt::format("{}[{}]", list, at);
  }
  return std::string(list);
}

std::string controller_name(const Path& path, std::size_t controller) {
  if (controller == no_index) return "its controller";
  const ControllerView& view = path.controllers[controller];
  if (view.known != nullptr) return std::string(view.known->name);
  return view.name.empty() ? "its controller" : view.name;
}

}  // namespace gwdoctor
