#include <fmt/format.h>

#include <algorithm>

#include "chain/router/attached.h"
#include "chain/router/backend_tls.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

constexpr std::string_view ca_key = "ca.crt";

// What the objects say of one entry of caCertificateRefs.
struct CaState {
  enum class State { usable, unusable, unknown };
  State state = State::unknown;
  std::string why{};             // it is unusable
  Ref object{};                  // that the fix edits
  std::string path{};            // "" for the reference itself, as the object does not exist
  bool may_be_accepted = false;  // implementations exist that take it as it is
  ObjectRef reference{};
};

class View {
 public:
  View(const BackendTlsPlace& place, const Facts& facts) : place_(place), facts_(facts) {}

  BackendTlsView run() {
    const Seen<List<BackendTlsPolicy>> policies = facts_.list<BackendTlsPolicy>(Kind::backend_tls_policy, place_.service.ns);
    if (policies.unknown()) return cannot_list(policies), std::move(out_);
    if (!policies.present()) return std::move(out_);
    out_.choice = choose_backend_tls(*policies, place_.service.ns, place_.service.name, place_.section);
    switch (out_.choice.state) {
      case BackendTlsChoice::State::none:
        note_elsewhere();
        break;
      case BackendTlsChoice::State::unknown:
        out_.state = BackendTlsView::State::unknown;
        break;
      case BackendTlsChoice::State::holds:
        policy_ = out_.choice.winner.policy.get();
        judge();
        break;
    }
    return std::move(out_);
  }

 private:
  void cannot_list(const Seen<List<BackendTlsPolicy>>& policies) {
    // Whatever they say, it takes none.
    if (is_without(nullptr)) return;
    out_.state = BackendTlsView::State::unknown;
    out_.unread.push_back({policies.wish(), policies.why()});
    if (policies.why().message.empty()) return;  // it is only on its way
    out_.notes.push_back(
        fmt::format("whether {} is spoken to by TLS is not known: the BackendTLSPolicies of namespace {} could not be read",
                    place_.service.text(), place_.service.ns));
  }

  // A targetRef with a sectionName that is none of the Service's is the usual mistake.
  void note_elsewhere() {
    if (out_.choice.elsewhere.empty()) return;
    const TargetingPolicy& near = out_.choice.elsewhere.front();
    const std::string port = !place_.section || place_.section->empty() ? "the port without a name" : "port " + *place_.section;
    out_.notes.push_back(fmt::format("{} is for {} of {}, and does not hold for {}", near.policy->meta.ref.text(),
                                     scope_text(near.target_spec()), place_.service.text(), port));
  }

  void judge() {
    const std::vector<const BackendTlsPolicy::Ancestor*> said = statuses();
    if (is_without(policy_) && said.empty()) return ignore();
    out_.state = BackendTlsView::State::holds;
    if (place_.class_unread) return out_.unread.push_back(*place_.class_unread);
    for (const BackendTlsPolicy::Ancestor* ancestor : said) {
      if (!out_.fault) judge_status(*ancestor);
    }
    if (!out_.fault || out_.fault->partial) judge_authorities(said);
    if (!out_.fault || out_.fault->partial || !dialect().plain_for_invalid_backend_tls) return;
    // It took the policy up, so that its version is served; what it does then is not what the Gateway API wants.
    out_.state = BackendTlsView::State::ignored;
    out_.notes.push_back(fmt::format("{} {} speaks to {} without TLS, where the Gateway API has the connection fail: {}",
                                     dialect().name, dialect().version, place_.service.text(), out_.fault->why));
    out_.fault.reset();
  }

  [[nodiscard]] const GatewayDialect& dialect() const {
    return place_.dialect != nullptr ? *place_.dialect : gateway_dialect({});
  }

  // GatewayClassStatus.supportedFeatures is the word of the implementation as it runs; the table is that of one version.
  [[nodiscard]] bool is_without(const BackendTlsPolicy* policy) const {
    const bool features = std::find(place_.features.begin(), place_.features.end(), "BackendTLSPolicy") != place_.features.end();
    if (features) return false;
    if (!dialect().without_backend_tls.empty()) return true;
    return policy != nullptr && dialect().id.empty() && !place_.features.empty();
  }

  void ignore() {
    out_.state = BackendTlsView::State::ignored;
    const std::string who =
        dialect().without_backend_tls.empty()
            ? fmt::format("{} has no BackendTLSPolicy among its supportedFeatures", place_.gateway_class.text())
            : fmt::format("{} {} {}", dialect().name, dialect().version, dialect().without_backend_tls);
    out_.notes.push_back(fmt::format("{}, and {} has no status of its controller: {} is spoken to as if that were not there", who,
                                     policy_->meta.ref.text(), place_.service.text()));
  }

  // PolicyStatus.ancestors: what this controller says of the policy at this Gateway, or of it at all.
  [[nodiscard]] std::vector<const BackendTlsPolicy::Ancestor*> statuses() const {
    std::vector<const BackendTlsPolicy::Ancestor*> out;
    for (const BackendTlsPolicy::Ancestor& ancestor : policy_->ancestors) {
      if (!place_.controller.empty() && ancestor.controller_name != place_.controller) continue;
      const bool gateway = ancestor.ref.kind == info(Kind::gateway).name;
      if (gateway && (ancestor.ref.ns != place_.gateway.ns || ancestor.ref.name != place_.gateway.name)) continue;
      if (!gateway && place_.controller.empty()) continue;
      out.push_back(&ancestor);
    }
    return out;
  }

  [[nodiscard]] const Condition* said_no(const BackendTlsPolicy::Ancestor& ancestor, std::string_view type) const {
    const Condition* found = current_condition(ancestor.conditions, type, policy_->meta);
    return found != nullptr && found->status == Condition::Status::is_false ? found : nullptr;
  }
  [[nodiscard]] bool said_yes(const BackendTlsPolicy::Ancestor& ancestor, std::string_view type) const {
    const Condition* found = current_condition(ancestor.conditions, type, policy_->meta);
    return found != nullptr && found->status == Condition::Status::is_true;
  }

  void judge_status(const BackendTlsPolicy::Ancestor& ancestor) {
    const Condition* accepted = said_no(ancestor, "Accepted");
    const Condition* resolved = said_no(ancestor, "ResolvedRefs");
    if (accepted != nullptr && (accepted->reason == "Conflicted" || accepted->reason == "TargetNotFound")) {
      out_.notes.push_back(fmt::format("{} says of {}: Accepted is False, {}, where the Gateway API has it hold for {}",
                                       ancestor.controller_name, policy_->meta.ref.text(), words(*accepted),
                                       place_.service.text()));
      return;
    }
    const std::size_t references = policy_->ca_certificates.size();
    // "Connections using an invalid CACertificateRef MUST fail"; what becomes of several references is implementation-specific.
    if (resolved != nullptr) {
      fail_by(*resolved, resolved->reason == "InvalidKind" ? "policy-btp-invalid-kind" : "policy-btp-invalid-ca-ref", ancestor);
      out_.fault->partial = accepted == nullptr && references > 1;
    } else if (accepted != nullptr && accepted->reason == "NoValidCACertificate") {
      fail_by(*accepted, "policy-btp-no-valid-ca", ancestor);
    } else if (accepted != nullptr && accepted->reason == "Invalid") {
      // GEP-1897: for an invalid policy there is no falling back to plain text.
      fail_by(*accepted, "policy-btp-invalid", ancestor);
    }
  }

  static std::string words(const Condition& condition) {
    return condition.message.empty() ? condition.reason : fmt::format("{} ({})", condition.reason, condition.message);
  }

  void fail_by(const Condition& condition, std::string_view reason, const BackendTlsPolicy::Ancestor& ancestor) {
    BackendTlsFault fault;
    fault.reason = reason;
    fault.why = fmt::format("{} says of {}: {} is False, {}", ancestor.controller_name, policy_->meta.ref.text(), condition.type,
                            words(condition));
    fault.observed = true;
    fault.object = policy_->meta.ref;
    fault.path = "spec.validation";
    if (policy_->ca_certificates.size() == 1) {
      fault.reference = policy_->ca_certificates.front();
      fault.path = fault.reference.path;
      fault.exists = true;
    }
    out_.fault = std::move(fault);
  }

  void judge_authorities(const std::vector<const BackendTlsPolicy::Ancestor*>& said) {
    if (policy_->ca_certificates.empty()) return;
    const bool accepted = std::any_of(said.begin(), said.end(), [&](const auto* one) {
      return said_yes(*one, "Accepted") && said_no(*one, "ResolvedRefs") == nullptr;
    });
    std::vector<CaState> bad;
    for (const ObjectRef& reference : policy_->ca_certificates) {
      CaState state = state_of(reference, accepted);
      if (state.state != CaState::State::unusable || (accepted && state.may_be_accepted)) continue;
      state.reference = reference;
      if (state.path.empty()) {
        state.object = policy_->meta.ref;
        state.path = reference.path;
      }
      bad.push_back(std::move(state));
    }
    if (bad.empty() || (out_.fault && bad.size() < policy_->ca_certificates.size())) return;
    BackendTlsFault fault;
    const bool all = bad.size() == policy_->ca_certificates.size();
    fault.reason = all && bad.size() > 1 ? "policy-btp-no-valid-ca" : "policy-btp-invalid-ca-ref";
    for (const CaState& each : bad) fault.why += (fault.why.empty() ? "" : ", ") + each.why;
    fault.partial = !all;
    fault.object = bad.front().object;
    fault.path = bad.front().path;
    fault.reference = bad.front().reference;
    fault.exists = fault.object != policy_->meta.ref;
    out_.fault = std::move(fault);
  }

  // What cannot be read is not missed where the controller could read it.
  template <class T>
  void miss(const Seen<T>& seen, bool accepted) {
    if (!accepted) out_.unread.push_back({seen.wish(), seen.why()});
  }

  CaState state_of(const ObjectRef& reference, bool accepted) {
    if (reference.is("", "ConfigMap")) return state_of_config_map(reference, accepted);
    // Support for Secrets is implementation-specific, and so is the key; what does not exist is of no use to any.
    if (reference.is("", "Secret")) {
      const Seen<Secret> secret = facts_.secret(reference.ns, reference.name);
      if (secret.unknown()) miss(secret, accepted);
      if (secret.absent()) return {CaState::State::unusable, missing(Kind::secret, reference)};
    }
    return {};
  }

  static std::string missing(Kind kind, const ObjectRef& reference) {
    return ref(kind, reference.ns, reference.name).text() + " does not exist";
  }

  CaState state_of_config_map(const ObjectRef& reference, bool accepted) {
    const Seen<ConfigMap> map = facts_.get<ConfigMap>(Kind::config_map, reference.ns, reference.name);
    if (map.unknown()) {
      miss(map, accepted);
      return {};
    }
    if (map.absent()) return {CaState::State::unusable, missing(Kind::config_map, reference)};
    const std::string name = map->meta.ref.text();
    const std::string* text = label(map->data, ca_key);
    if (text == nullptr) {
      // Content that is kept as bytes is not read here, and some implementations read it, or a key of another name.
      if (map.document()["binaryData"].find(ca_key) != nullptr) return {};
      const bool data = !map.document()["data"].is_null();
      return {CaState::State::unusable, name + " has no key ca.crt", map->meta.ref, data ? "data" : "metadata", true};
    }
    const Result<std::vector<Certificate>> chain = parse_certificates(*text);
    if (chain && !chain->empty()) return {CaState::State::usable};
    const std::string why = text->empty() ? "it is empty" : chain ? "no certificate" : chain.error().message;
    return {CaState::State::unusable, fmt::format("ca.crt of {} holds no certificate ({})", name, why), map->meta.ref,
            "data[\"ca.crt\"]"};
  }

  const BackendTlsPlace& place_;
  const Facts& facts_;
  const BackendTlsPolicy* policy_ = nullptr;
  BackendTlsView out_;
};

// Service.spec.ports may name one number twice, for TCP and UDP; the policy is for TCP (GEP-1897).
std::optional<std::string> section_of(const Seen<Service>& service, const std::optional<std::int64_t>& port) {
  if (!service.present() || !port) return std::nullopt;
  for (const ServicePort& each : service->ports) {
    if (each.port == *port && each.protocol == "TCP") return each.name;
  }
  return std::string();
}

// HTTPRoute and GRPCRoute, and what comes out of a TLS session that ends at the listener.
bool originates_tls(const Path& path, const Leg& leg) {
  if (leg.route == no_index || path.entrances.empty()) return false;
  const std::optional<Kind> kind = kind_of(path.routes[leg.route].ref);
  if (kind == Kind::http_route || kind == Kind::grpc_route) return true;
  const Entrance& entrance = path.entrances.front();
  if (kind == Kind::udp_route || entrance.listener == no_index) return false;
  const Listener& listener = path.gateways[entrance.gateway].listeners[entrance.listener].spec;
  return listener.protocol == "TLS" && listener.tls != Listener::TlsMode::passthrough;
}

}  // namespace

std::optional<BackendTlsPlace> backend_tls_place(const Path& path, const Leg& leg) {
  if (leg.backend == no_index || path.entrances.empty()) return std::nullopt;
  const std::size_t at = path.entrances.front().gateway;
  if (at == no_index || !originates_tls(path, leg)) return std::nullopt;
  const BackendView& backend = path.backends[leg.backend];
  if (!backend.is_service || backend.service.absent()) return std::nullopt;
  const GatewayView& gateway = path.gateways[at];
  BackendTlsPlace out;
  out.service = backend.ref;
  out.section = section_of(backend.service, leg.port);
  out.gateway = gateway.ref;
  if (gateway.gateway_class.present()) {
    out.controller = gateway.gateway_class->controller_name;
    out.gateway_class = gateway.gateway_class->meta.ref;
    out.features = gateway.gateway_class->supported_features;
  }
  if (gateway.class_wanted && gateway.gateway_class.unknown())
    out.class_unread = Unread{gateway.gateway_class.wish(), gateway.gateway_class.why()};
  const Controller* known = gateway.controller == no_index ? nullptr : path.controllers[gateway.controller].known;
  out.dialect = &gateway_dialect(known == nullptr ? std::string_view() : known->id);
  return out;
}

BackendTlsView backend_tls_view(const BackendTlsPlace& place, const Facts& facts) { return View(place, facts).run(); }

}  // namespace gwdoctor
