#include "checks/support/overruled.h"

#include <algorithm>

#include "checks/support/ingresses.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

using Serves = NginxCertificate::Serves;
using Effect = Overruled::Effect;

bool is_accepted(const Secret& secret, const std::string& host, const Facts& facts) {
  const Certificate& leaf = secret.chain.front();
  return leaf.covers(host) && leaf.not_before <= facts.now() && leaf.not_after >= facts.now();
}

// The Secret whose certificate is served in the end; nullptr where it is the controller's own, or not known.
const Secret* served_secret(const Overruled& fault) {
  if (fault.other.serves == Serves::secret) return &*fault.other.secret;
  return fault.stands_in.is == NginxDefault::Is::of_secret ? &*fault.stands_in.secret : nullptr;
}

Effect effect_of(const Overruled& fault, const std::string& host, const Facts& facts) {
  if (const Secret* secret = served_secret(fault)) return is_accepted(*secret, host, facts) ? Effect::another : Effect::refused;
  return fault.stands_in.is == NginxDefault::Is::unknown ? Effect::likely : Effect::refused;
}

std::string served_text(const Overruled& fault, const Facts& facts) {
  if (fault.other.serves == Serves::secret) {
    const Certificate& leaf = fault.other.secret->chain.front();
    const std::string text = fmt::format("the certificate in {}", fault.other.name.text());
    if (leaf.not_after < facts.now()) return fmt::format("{}, expired since {},", text, format_time(leaf.not_after));
    return leaf.not_before > facts.now() ? fmt::format("{}, valid from {},", text, format_time(leaf.not_before)) : text;
  }
  if (fault.stands_in.is == NginxDefault::Is::of_secret)
    return fmt::format("its default certificate, that of {} ({}),", fault.stands_in.name.text(), fault.other.why);
  return fmt::format("its default certificate ({})", fault.other.why);
}

std::string field_of(const Overruled& fault) {
  if (fault.other.field.empty()) return "spec.tls";
  return fault.other.name.name.empty() ? fault.other.field : fault.other.field + ".secretName";
}

const IngressTls* entry_of(const Overruled& fault) {
  const auto found = std::find_if(fault.by->tls.begin(), fault.by->tls.end(),
                                  [&](const IngressTls& tls) { return tls.field == fault.other.field; });
  return found == fault.by->tls.end() ? nullptr : &*found;
}

// A Secret serves its own namespace alone, and an entry all the hosts that it lists.
Fix remedy(const Overruled& fault, const Facts& facts) {
  const Ref& older = fault.by->meta.ref;
  const IngressTls* entry = entry_of(fault);
  const auto document = facts.document(older);
  if (entry != nullptr && entry->hosts.size() == 1 && older.ns == fault.own.name.ns && document != nullptr) {
    if (auto fix = set_field(older, *document, fault.other.field + ".secretName", Value(fault.own.name.name),
                             fmt::format("name {} in the older Ingress too", fault.own.name.text())))
      return *fix;
  }
  return by_hand(fmt::format("name a Secret with the right certificate for the host in {}, or take the host out of its rules or "
                             "all of spec.tls out of it",
                             older.text()),
                 {fmt::format("kubectl edit {}", kubectl_object(older))});
}

bool is_same(const Overruled& left, const Overruled& right) {
  return left.by->meta.ref == right.by->meta.ref && field_of(left) == field_of(right) && left.own.name == right.own.name &&
         left.spot->object == right.spot->object && left.effect == right.effect;
}

void add_name(const std::string& name, std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// What several hosts have in common.
struct Group {
  const Overruled* first = nullptr;
  std::vector<std::string> hosts;
  std::vector<std::string> places;
  Scope scope;
  const Shake* shake = nullptr;
};

std::vector<Group> grouped(const std::vector<Overruled>& faults) {
  std::vector<Group> groups;
  for (const Overruled& fault : faults) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& one) { return is_same(*one.first, fault); });
    if (group == groups.end()) group = groups.insert(groups.end(), Group{&fault, {}, {}, fault.spot->port->scope, nullptr});
    add_name(fault.spot->host->host, group->hosts);
    group->scope |= fault.spot->port->scope;
    for (const Shake& shake : fault.spot->shakes) {
      if (!shake.tls().served() || shake.tls().chain.empty() || !is_foretold(fault, shake.tls().chain.front())) continue;
      add_name(shake.target.text(fault.spot->port->port), group->places);
      if (group->shake == nullptr) group->shake = &shake;
    }
  }
  return groups;
}

void report(const Group& group, const Facts& facts, Verdicts& out) {
  const Overruled& fault = *group.first;
  const Ref& older = fault.by->meta.ref;
  FindingBuilder finding = out.fail(group.scope);
  finding.object(older, field_of(fault))
      .reason("tls-first-ingress-wins")
      .says("{} is the oldest with spec.tls and a rule for {}, and ingress-nginx goes by it: it serves {} and not that of {}{}",
            older.text(), join_names(group.hosts), served_text(fault, facts), fault.own.name.text(),
            group.places.empty() ? std::string() : fmt::format("; seen at {}", join_names(group.places)))
      .affects(fault.spot->object)
      .affects(fault.own.name)
      .fix(remedy(fault, facts));
  if (const auto document = facts.document(older)) finding.saw(older, "spec.tls", document->at_path("spec.tls"));
  if (!fault.spot->field.empty()) {
    if (const auto document = facts.document(fault.spot->object))
      finding.saw(fault.spot->object, fault.spot->field, document->at_path(fault.spot->field));
  }
  if (fault.effect == Effect::likely) finding.severity(Severity::warning).certainty(Certainty::likely);
  if (fault.effect == Effect::another) finding.severity(Severity::info);
  if (group.shake != nullptr) {
    finding.certainty(Certainty::observed)
        .saw(group.shake->ref(fault.spot->port->port), "status.chain[0].subject",
             group.shake->answer.document().at_path("status.chain[0].subject"));
  }
}

}  // namespace

std::optional<Overruled> overruled(const TlsSpot& spot, const Path& path, const Facts& facts, Verdicts& out) {
  const std::shared_ptr<const IngressTable> table = nginx_table(spot, path, facts);
  if (table == nullptr || spot.meant.empty()) return std::nullopt;
  if (admit_unread(*table, spot.port->scope, out)) return std::nullopt;
  const IngressView& view = path.ingresses[spot.host->ingress];
  Overruled fault;
  fault.spot = &spot;
  fault.by = nginx_decider(*table, spot.host->host);
  if (fault.by == nullptr || fault.by->meta.ref == view.ref) return std::nullopt;
  fault.own = nginx_certificate(*view.ingress, spot.host->host, facts);
  fault.other = nginx_certificate(*fault.by, spot.host->host, facts);
  for (const NginxCertificate* one : {&fault.own, &fault.other}) {
    if (one->serves == Serves::unknown) {
      out.unknown(spot.port->scope, one->unread);
      return std::nullopt;
    }
  }
  // What is wrong with a Secret of its own is told by other codes.
  if (fault.own.serves != Serves::secret || fault.own.name == fault.other.name) return std::nullopt;
  if (fault.other.serves == Serves::by_default) fault.stands_in = nginx_default(spot, path, facts, out);
  const Secret* served = served_secret(fault);
  if (served != nullptr && served->chain.front().fingerprint == fault.own.secret->chain.front().fingerprint) return std::nullopt;
  fault.effect = effect_of(fault, spot.host->host, facts);
  return fault;
}

bool is_foretold(const Overruled& fault, const ServedCertificate& leaf) {
  if (const Secret* secret = served_secret(fault)) return secret->chain.front().fingerprint == leaf.fingerprint;
  return default_certificate_of(leaf) == "ingress-nginx";
}

void report_overruled(const std::vector<Overruled>& faults, const Facts& facts, Verdicts& out) {
  for (const Group& group : grouped(faults)) report(group, facts, out);
}

}  // namespace gwdoctor
