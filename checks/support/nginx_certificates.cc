#include "checks/support/nginx_certificates.h"

#include <algorithm>

#include "chain/dialects/nginx.h"
#include "chain/hostname.h"
#include "checks/support/ingresses.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

using Serves = NginxCertificate::Serves;
using Is = NginxDefault::Is;

// By a SAN, or as ever by the common name; a server for a wildcard by the very wildcard.
bool is_for(const Certificate& leaf, const std::string& host) {
  const bool listed = std::find(leaf.dns_names.begin(), leaf.dns_names.end(), host) != leaf.dns_names.end();
  return listed || leaf.covers(host) || lower_case(leaf.common_name) == host ||
         ingress_host_covers(lower_case(leaf.common_name), host);
}

const IngressTls* entry_for(const Ingress& ingress, const std::string& host) {
  for (const IngressTls& tls : ingress.tls) {
    const bool listed =
        std::any_of(tls.hosts.begin(), tls.hosts.end(), [&](const std::string& one) { return lower_case(one) == host; });
    if (listed) return &tls;
  }
  return nullptr;
}

NginxCertificate of_secret(const Ref& name, const std::string& host, const Facts& facts) {
  NginxCertificate out;
  out.name = name;
  out.secret = facts.secret(name.ns, name.name);
  if (out.secret.unknown()) {
    out.unread = out.secret;
    return out;
  }
  if (out.secret.absent()) {
    out.why = fmt::format("{} does not exist", name.text());
  } else if (const std::string bad = nginx_refuses(*out.secret); !bad.empty()) {
    out.why = fmt::format("{} {}", name.text(), bad);
  } else if (!is_for(out.secret->chain.front(), host)) {
    out.why = fmt::format("the certificate in {} is not for {}", name.text(), host);
  }
  out.serves = out.why.empty() ? Serves::secret : Serves::by_default;
  return out;
}

// Where no entry lists the host, the first Secret with a certificate for it.
NginxCertificate of_any_entry(const Ingress& ingress, const std::string& host, const Facts& facts) {
  for (const IngressTls& tls : ingress.tls) {
    if (tls.secret.empty()) continue;
    NginxCertificate one = of_secret(ref(Kind::secret, ingress.meta.ref.ns, tls.secret), host, facts);
    if (one.serves == Serves::by_default) continue;
    one.field = one.serves == Serves::secret ? tls.field : std::string();
    return one;
  }
  NginxCertificate none;
  none.serves = Serves::by_default;
  none.why = fmt::format("its spec.tls does not list {}", host);
  return none;
}

const ControllerView* controller_at(const TlsSpot& spot, const Path& path) {
  const std::size_t at = path.ingresses[spot.host->ingress].controller;
  return at == no_index ? nullptr : &path.controllers[at];
}

NginxDefault of_flag(const Known<Workload>& workload, const Facts& facts) {
  NginxDefault out;
  out.workload = workload;
  const std::optional<Flag> flag = flag_of(workload, "default-ssl-certificate");
  if (!flag || flag->value.empty()) {
    const std::vector<std::string> words = arguments_of(workload);
    const bool shown = std::any_of(words.begin(), words.end(), [](const std::string& word) { return is_long_flag(word); });
    out.is = shown ? Is::its_own : Is::unknown;
    return out;
  }
  out.path = flag->path;
  const std::optional<Ref> named = object_named_by(flag->value, Kind::secret, workload->meta.ref.ns);
  if (!named) return out;
  out.name = *named;
  out.secret = facts.secret(named->ns, named->name);
  if (out.secret.unknown()) return out;
  out.why = out.secret.absent() ? std::string("does not exist") : nginx_refuses(*out.secret);
  out.is = out.why.empty() ? Is::of_secret : Is::unusable;
  return out;
}

}  // namespace

std::shared_ptr<const Ingress> nginx_decider(const IngressTable& table, std::string_view host) {
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    if (is_canary(*ingress) || ingress->tls.empty()) continue;
    const bool rules =
        std::any_of(ingress->rules.begin(), ingress->rules.end(), [&](const IngressRule& rule) { return rule.host == host; });
    if (rules) return ingress;
  }
  return nullptr;
}

NginxCertificate nginx_certificate(const Ingress& ingress, const std::string& host, const Facts& facts) {
  const IngressTls* entry = entry_for(ingress, host);
  if (entry == nullptr) return of_any_entry(ingress, host, facts);
  NginxCertificate out;
  if (entry->secret.empty()) {
    out.serves = Serves::by_default;
    out.why = "its spec.tls names no Secret for it";
  } else {
    out = of_secret(ref(Kind::secret, ingress.meta.ref.ns, entry->secret), host, facts);
  }
  out.field = entry->field;
  return out;
}

std::shared_ptr<const IngressTable> nginx_table(const TlsSpot& spot, const Path& path, const Facts& facts) {
  if (spot.host->ingress == no_index || spot.port->passthrough) return nullptr;
  const ControllerView* controller = controller_at(spot, path);
  if (controller == nullptr || controller->known == nullptr || controller->known->id != "ingress-nginx") return nullptr;
  const IngressView& view = path.ingresses[spot.host->ingress];
  if (!view.ingress.present() || is_canary(*view.ingress)) return nullptr;
  return table_of(view, path, facts);
}

NginxDefault nginx_default(const TlsSpot& spot, const Path& path, const Facts& facts, Verdicts& out) {
  const ControllerView* controller = controller_at(spot, path);
  if (controller == nullptr) return {};
  const WorkloadSearch& control = controller->control;
  if (const Seen<List<Workload>>* unread = control.unread(); unread != nullptr && control.found.empty()) {
    out.unknown(spot.port->scope, *unread);
    return {};
  }
  std::optional<NginxDefault> found;
  for (const Known<Workload>& workload : control.found) {
    NginxDefault one = of_flag(workload, facts);
    if (one.is == Is::unknown && one.secret.unknown() && !one.name.name.empty()) out.unknown(spot.port->scope, one.secret);
    // Which of several serves the class is not known.
    if (one.is == Is::unknown || (found && found->is != one.is)) return {};
    found = std::move(one);
  }
  return found.value_or(NginxDefault{});
}

// store/backend_ssl.go, internal/net/ssl: both keys are needed, and have to belong together.
std::string nginx_refuses(const Secret& secret) {
  for (const std::string_view key : {"tls.crt", "tls.key"}) {
    if (!is_filled(secret, key)) return fmt::format("has no {}", key);
  }
  if (secret.chain.empty()) return "holds no certificate that can be parsed";
  if (secret.key == KeyState::unparsable) return "holds no private key that can be parsed";
  return secret.key == KeyState::differs ? "holds a key that does not belong to its certificate" : std::string();
}

}  // namespace gwdoctor
