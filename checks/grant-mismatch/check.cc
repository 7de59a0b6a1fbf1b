#include "checks/check.h"

#include "checks/support/grants.h"

namespace gwdoctor {

namespace {

std::string_view reason_of(NearGrant::What what) {
  switch (what) {
    case NearGrant::What::wrong_namespace:
      return "grant-in-wrong-namespace";
    case NearGrant::What::from:
      return "grant-from-mismatch";
    case NearGrant::What::to:
      return "grant-to-mismatch";
  }
  return "";
}

std::string quoted(const std::string& text) { return text.empty() ? "\"\"" : text; }

std::string message_of(const GrantView& view, const NearGrant& near) {
  const std::string grant = near.grant->meta.ref.text();
  if (near.what == NearGrant::What::wrong_namespace) {
    return fmt::format("{} allows {} to refer to {}, but counts only in namespace {}", grant, view.from.text(), text_of(view.to),
                       view.to.ns);
  }
  return fmt::format("{} does not let {} refer to {}: {} is {}, expected {}", grant, view.from.text(), text_of(view.to),
                     near.path, quoted(near.found), quoted(near.wanted));
}

// "core" and "v1" are no API groups: there the entry is mended. Otherwise it may well serve another reference, so that one
// is added beside it.
std::optional<Fix> remedy(const GrantView& view, const NearGrant& near, const Facts& facts) {
  const Ref& object = near.grant->meta.ref;
  const Value& document = *near.grant.document;
  if (near.what == NearGrant::What::wrong_namespace) return create_grant(view, facts);
  if (near.found == "core" || near.found == "v1")
    return set_field(object, document, near.path, near.wanted, "name the group of the entry");
  const bool from = near.what == NearGrant::What::from;
  const std::string path =
      fmt::format("spec.{}[{}]", from ? "from" : "to", from ? near.grant->from.size() : near.grant->to.size());
  return set_field(object, document, path, from ? from_entry(view) : to_entry(view),
                   from ? fmt::format("allow {} of namespace {} as well", view.from.kind, view.from.ns)
                        : fmt::format("allow references to {} as well", text_of(view.to)));
}

void mismatch(const GrantView& view, const NearGrant& near, const Path& path, const Facts& facts, Verdicts& out) {
  const Ref& object = near.grant->meta.ref;
  FindingBuilder finding = out.fail(view.scope);
  finding.object(object, near.path)
      .reason(reason_of(near.what))
      .says("{}", message_of(view, near))
      .saw(object, "spec", (*near.grant.document)["spec"])
      .affects(view.from)
      .fix(remedy(view, near, facts));
  if (const auto document = facts.document(view.from)) finding.saw(view.from, view.path, document->at_path(view.path));
  if (has_alternatives(view, path)) finding.impact(Impact::part);
}

// Gateway API v1.6, ReferenceGrant: one entry of `from` and one of `to` of the same grant, in the namespace referred to,
// must match in every field. One that misses by a single field was meant for the reference; what misses by more is for
// something else, and the grant is missing (grant-missing).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GrantView& view : path.grants) {
    if (!view.scope.any()) continue;
    if (view.state == GrantView::State::unknown && !is_vouched_for(view, path)) out.unknown(view.scope, view.grants);
    if (view.state == GrantView::State::granted) out.pass(view.scope);
    if (view.state != GrantView::State::missing && view.state != GrantView::State::mismatch) continue;
    if (const std::optional<NearGrant> near = near_grant(view, facts)) mismatch(view, *near, path, facts, out);
  }
}

}  // namespace

extern constinit const Check grant_mismatch{
    .code = "grant-mismatch",
    .title = "a ReferenceGrant is there and does not cover the reference",
    .severity = Severity::error,
    .layer = Layer::grant,
    .reads = {Kind::reference_grant, Kind::http_route},
    .explains = {"route-refs-unresolved", "route-not-accepted", "listener-certificate-invalid", "tls-served-default",
                 "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor
