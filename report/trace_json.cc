#include "report/trace_json.h"

#include "kube/sensitive.h"
#include "report/json.h"
#include "report/json_parts.h"

namespace gwdoctor {

namespace {

void set_number(Value& out, std::string_view key, const std::optional<std::int64_t>& number) {
  if (number) out.set(key, *number);
}

void set_index(Value& out, std::string_view key, const std::optional<std::size_t>& index) {
  if (index) out.set(key, static_cast<std::int64_t>(*index));
}

Value header_value_of(const HeaderField& field) {
  Value out = json_object();
  out.set("name", field.name);
  out.set("value", shown_header(field.name, field.value));
  return out;
}

std::string protocol_of(const Request& request) {
  if (request.grpc) return "grpc";
  if (request.websocket) return "websocket";
  return request.is_http() ? "http" : request.scheme;
}

Value request_value(const Request& request) {
  Value out = json_object();
  out.set("method", request.method);
  out.set("scheme", request.scheme);
  out.set("host", request.host);
  out.set("port", request.port);
  out.set("path", request.path);
  out.set("query", request.query);
  out.set("headers", list_of(request.headers, header_value_of));
  out.set("protocol", protocol_of(request));
  set_text(out, "sni", request.sni);
  if (request.address) out.set("address", *request.address);
  return out;
}

Value tls_value(const BackendTls& tls) {
  Value out = json_object();
  out.set("policy", ref_value(tls.policy));
  out.set("hostname", tls.hostname);
  set_text(out, "section", tls.section);
  set_text(out, "ca", tls.ca);
  if (tls.others.empty()) return out;
  out.set("others", list_of(tls.others, [](const BackendTls::Other& other) {
            Value one = json_object();
            one.set("policy", ref_value(other.policy));
            one.set("lost", other.lost);
            return one;
          }));
  return out;
}

Value backend_value(const TracedBackend& backend) {
  Value out = json_object();
  out.set("object", ref_value(backend.object));
  set_number(out, "port", backend.port);
  set_text(out, "portName", backend.port_name);
  out.set("weight", backend.weight);
  out.set("share", backend.share);
  if (backend.ready_endpoints) out.set("readyEndpoints", static_cast<std::int64_t>(*backend.ready_endpoints));
  set_text(out, "problem", backend.problem);
  set_number(out, "failureStatus", backend.failure_status);
  if (backend.tls) out.set("tls", tls_value(*backend.tls));
  return out;
}

Value redirect_value(const RedirectTarget& redirect) {
  Value out = json_object();
  out.set("scheme", redirect.scheme);
  out.set("host", redirect.host);
  out.set("port", redirect.port);
  out.set("path", redirect.path);
  return out;
}

Value rewritten_value(const Rewritten& rewritten) {
  Value out = json_object();
  out.set("host", rewritten.host);
  out.set("path", rewritten.path);
  out.set("headers", list_of(rewritten.headers, header_value_of));
  return out;
}

Value outcome_value(const Outcome& outcome) {
  Value out = json_object();
  out.set("action", action_name(outcome.action));
  set_number(out, "status", outcome.status);
  set_text(out, "grpcStatus", outcome.grpc_status);
  set_text(out, "reason", outcome.reason);
  if (!outcome.gateway.name.empty()) out.set("gateway", ref_value(outcome.gateway));
  set_text(out, "listener", outcome.listener);
  set_text(out, "hostname", outcome.hostname);
  if (!outcome.route.name.empty()) out.set("route", ref_value(outcome.route));
  set_index(out, "rule", outcome.rule);
  set_index(out, "match", outcome.match);
  set_text(out, "field", outcome.field);
  set_text(out, "matched", outcome.matched);
  if (outcome.redirect) out.set("redirect", redirect_value(*outcome.redirect));
  set_text(out, "location", outcome.location);
  out.set("backends", list_of(outcome.backends, backend_value));
  out.set("filters", list_of(outcome.filters, text_value));
  if (outcome.rewritten) out.set("rewritten", rewritten_value(*outcome.rewritten));
  if (!outcome.response_headers.empty()) out.set("responseHeaders", list_of(outcome.response_headers, header_value_of));
  if (!outcome.response_headers_removed.empty())
    out.set("responseHeadersRemoved", list_of(outcome.response_headers_removed, text_value));
  out.set("mirrors", list_of(outcome.mirrors, [](const TracedMirror& mirror) { return ref_value(mirror.object); }));
  if (!outcome.notes.empty()) out.set("notes", list_of(outcome.notes, text_value));
  return out;
}

Value sent_value(const Sent& sent) {
  Value out = json_object();
  out.set("agrees", sent.agrees ? Value(*sent.agrees) : Value());
  if (!sent.differences.empty()) out.set("differences", list_of(sent.differences, text_value));
  set_text(out, "address", sent.address);
  set_text(out, "httpVersion", sent.http_version);
  if (sent.status) out.set("status", *sent.status);
  set_text(out, "location", sent.location);
  set_text(out, "speaker", sent.speaker);
  set_text(out, "certificate", sent.certificate);
  set_text(out, "certificateProblem", sent.certificate_problem);
  if (sent.upgraded) out.set("upgraded", *sent.upgraded);
  set_text(out, "notUpgraded", sent.not_upgraded);
  set_text(out, "error", sent.error);
  if (sent.milliseconds > 0) out.set("milliseconds", sent.milliseconds);
  return out;
}

Value candidate_value(const Candidate& candidate) {
  Value out = json_object();
  out.set("route", ref_value(candidate.route));
  set_index(out, "rule", candidate.rule);
  set_index(out, "match", candidate.match);
  out.set("lost", candidate.lost);
  out.set("matched", candidate.matched);
  return out;
}

}  // namespace

Value trace_value(const Diagnosis& diagnosis) {
  const Trace& trace = *diagnosis.trace;
  Value out = json_object();
  out.set("apiVersion", contract_version);
  out.set("kind", "Trace");
  out.set("request", request_value(trace.request));
  out.set("outcome", outcome_value(trace.outcome));
  out.set("candidates", list_of(trace.candidates, candidate_value));
  out.set("diagnosis", diagnosis_value(diagnosis));
  if (diagnosis.sent) out.set("sent", sent_value(*diagnosis.sent));
  return out;
}

Value trace_list_value(const std::vector<Diagnosis>& diagnoses) {
  Value out = json_object();
  out.set("apiVersion", contract_version);
  out.set("kind", "TraceList");
  out.set("verdict", verdict_name(worst_verdict(diagnoses)));
  out.set("items", list_of(diagnoses, trace_value));
  return out;
}

}  // namespace gwdoctor
