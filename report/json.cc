#include "report/json.h"

#include <fmt/format.h>

#include "kube/json.h"
#include "kube/observation.h"
#include "kube/utf8.h"
#include "kube/yaml.h"
#include "report/json_parts.h"
#include "report/sanitize.h"

namespace gwdoctor {

namespace {

Value link_value(const Link& link) {
  Value out = json_object();
  out.set("layer", layer_name(link.layer));
  out.set("state", layer_state_name(link.state));
  out.set("objects", list_of(link.objects, ref_value));
  out.set("detail", link.detail);
  return out;
}

Value evidence_value(const Evidence& evidence) {
  Value out = json_object();
  out.set("object", ref_value(evidence.object));
  out.set("path", evidence.path);
  out.set("value", evidence.value);
  return out;
}

Value changed_value(const Changed& changed) {
  Value out = json_object();
  out.set("manager", changed.manager);
  out.set("time", format_time(changed.time));
  return out;
}

Value fix_value(const Fix& fix, const std::optional<Trial>& trial) {
  Value out = json_object();
  out.set("summary", fix.summary);
  out.set("commands", list_of(fix.commands, text_value));
  if (fix.patch) {
    Value patch = json_object();
    patch.set("object", ref_value(fix.patch->object));
    patch.set("merge", fix.patch->merge);
    out.set("patch", std::move(patch));
  }
  const bool is_known = trial && trial->verified;
  out.set("verified", is_known ? Value(*trial->verified) : Value());
  if (is_known) out.set("restores", restores_name(trial->restores));
  return out;
}

Value finding_value(const Argued& argued) {
  const Finding& finding = argued.finding;
  Value out = json_object();
  out.set("rank", argued.rank);
  out.set("code", finding.check != nullptr ? finding.check->code : std::string_view());
  set_text(out, "reason", finding.reason);
  out.set("severity", severity_name(finding.severity));
  out.set("role", role_name(argued.role));
  out.set("layer", layer_name(finding.check != nullptr ? finding.check->layer : Layer::route));
  out.set("object", ref_value(finding.object));
  out.set("path", finding.path);
  out.set("message", finding.message);
  out.set("evidence", list_of(finding.evidence, evidence_value));
  out.set("affects", list_of(finding.affects, ref_value));
  if (argued.explained_by) out.set("explainedBy", *argued.explained_by);
  if (argued.changed) out.set("changed", changed_value(*argued.changed));
  if (finding.fix) out.set("fix", fix_value(*finding.fix, argued.trial));
  out.set("certainty", certainty_name(finding.certainty));
  set_text(out, "breaks", argued.breaks);
  set_text(out, "rankReason", argued.rank_reason);
  return out;
}

Value needs_value(const Needs& needs) {
  Value out = json_object();
  out.set("verb", needs.verb);
  out.set("group", needs.group);
  out.set("resource", needs.resource);
  out.set("namespace", needs.ns);
  return out;
}

Value unknown_value(const Unknown& unknown) {
  Value out = json_object();
  out.set("fact", unknown.fact);
  out.set("reason", reason_name(unknown.why.reason));
  if (unknown.why.needs) out.set("needs", needs_value(*unknown.why.needs));
  set_text(out, "message", unknown.why.message);
  return out;
}

Value together_value(const Together& together) {
  Value out = json_object();
  Value fixes(Value::Array{});
  for (const int rank : together.fixes) fixes.push_back(rank);
  out.set("fixes", std::move(fixes));
  out.set("verdict", verdict_name(together.verdict));
  return out;
}

Value stats_value(const Stats& stats) {
  Value out = json_object();
  out.set("requests", stats.requests);
  out.set("rounds", stats.rounds);
  out.set("bytes", static_cast<std::int64_t>(stats.bytes));
  out.set("milliseconds", static_cast<std::int64_t>(stats.milliseconds));
  return out;
}

Value suppressed_value(const Suppressed& suppressed) {
  Value out = json_object();
  out.set("code", suppressed.code);
  out.set("object", ref_value(suppressed.object));
  return out;
}

Value redirect_value(const HttpSeen::Redirect& redirect) {
  Value out = json_object();
  out.set("url", redirect.url);
  out.set("status", redirect.status);
  out.set("location", redirect.location);
  return out;
}

Value http_value(const HttpSeen& seen) {
  Value out = json_object();
  out.set("method", seen.method);
  out.set("url", seen.url);
  out.set("address", seen.address);
  out.set("result", seen.result);
  set_text(out, "detail", seen.detail);
  if (seen.status > 0) out.set("status", seen.status);
  set_text(out, "version", seen.version);
  set_text(out, "speaker", seen.speaker);
  if (!seen.redirects.empty()) out.set("redirects", list_of(seen.redirects, redirect_value));
  // Nobody made the request where there is no time.
  if (seen.observed_at == Time{}) return out;
  out.set("milliseconds", seen.milliseconds);
  if (Value phases = phases_value(seen.phases); phases.size() > 0) out.set("phases", std::move(phases));
  out.set("observedAt", format_time(seen.observed_at));
  return out;
}

// RFC 8259, 7: a character outside of the basic plane is written as its two surrogates.
std::string escape_of(char32_t code) {
  if (code <= 0xffff) return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
  const auto rest = static_cast<std::uint32_t>(code) - 0x10000u;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xd800u + (rest >> 10u), 0xdc00u + (rest & 0x3ffu));
}

// In a JSON text such characters stand in strings only, so that each can be escaped where it stands.
std::string escape_unsafe(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const std::string_view before = json;
    const std::optional<char32_t> code = next_code_point(json);
    const std::string_view bytes = before.substr(0, before.size() - json.size());
    if (code && is_unsafe(*code) && *code != '\n') {
      out += escape_of(*code);
    } else {
      out += bytes;
    }
  }
  return out;
}

}  // namespace

Value ref_value(const Ref& reference) {
  Value out = json_object();
  out.set("apiVersion", reference.api_version);
  // What a backend names without a kind is still an object.
  out.set("kind", reference.kind.empty() ? std::string("Unknown") : reference.kind);
  set_text(out, "namespace", reference.ns);
  out.set("name", reference.name);
  set_text(out, "section", reference.section);
  return out;
}

Value diagnosis_value(const Diagnosis& diagnosis) {
  Value out = json_object();
  out.set("apiVersion", contract_version);
  out.set("kind", "Diagnosis");
  out.set("target", ref_value(diagnosis.target));
  out.set("verdict", verdict_name(diagnosis.verdict));
  out.set("summary", diagnosis.summary);
  out.set("takenAt", format_time(diagnosis.taken_at));
  out.set("chain", list_of(diagnosis.chain, link_value));
  out.set("findings", list_of(diagnosis.findings, finding_value));
  if (diagnosis.together) out.set("together", together_value(*diagnosis.together));
  out.set("unknowns", list_of(diagnosis.unknowns, unknown_value));
  out.set("stats", stats_value(diagnosis.stats));
  if (!diagnosis.http.empty()) out.set("http", list_of(diagnosis.http, http_value));
  if (!diagnosis.suppressed.empty()) out.set("suppressed", list_of(diagnosis.suppressed, suppressed_value));
  if (!diagnosis.accepted_unknowns.empty()) out.set("acceptedUnknowns", list_of(diagnosis.accepted_unknowns, text_value));
  return out;
}

Value diagnosis_list_value(const std::vector<Diagnosis>& diagnoses) {
  Value out = json_object();
  out.set("apiVersion", contract_version);
  out.set("kind", "DiagnosisList");
  out.set("verdict", verdict_name(worst_verdict(diagnoses)));
  out.set("items", list_of(diagnoses, diagnosis_value));
  return out;
}

std::string render_json(const Value& document) { return escape_unsafe(write_json(document, 2)) + '\n'; }

std::string render_yaml(const Value& document) {
  std::string yaml = write_yaml(document);
  // Not every character that hides text must be escaped in YAML. JSON is YAML as well (YAML 1.2, 1.3), and escapes them.
  if (!is_safe_to_copy(yaml)) return render_json(document);
  if (!yaml.ends_with('\n')) yaml += '\n';
  return yaml;
}

}  // namespace gwdoctor
