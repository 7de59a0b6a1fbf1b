#include "checks/check.h"

#include "checks/support/grants.h"

namespace gwdoctor {

namespace {

std::string state_of(const GrantView& view) {
  if (view.grants.absent()) return "; the API server has no such kind";
  if (!view.grants.present() || view.grants->empty()) return {};
  return view.grants->size() == 1 ? "; the one that is there is for something else" : "; those that are there are for something else";
}

void missing(const GrantView& view, const Path& path, const Facts& facts, Verdicts& out) {
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.from, view.path + ".namespace")
      .reason(view.to.is("", "Secret") ? "grant-missing-secret" : "grant-missing-backend")
      .says("no ReferenceGrant in namespace {} lets {} refer to {}{}", view.to.ns, view.from.text(), text_of(view.to), state_of(view))
      .affects(ref(kind_of(view.to.group, view.to.kind).value_or(Kind::service), view.to.ns, view.to.name))
      .fix(create_grant(view, facts));
  if (const auto document = facts.document(view.from)) finding.saw(view.from, view.path, document->at_path(view.path));
  if (has_alternatives(view, path)) finding.impact(Impact::part);
}

// Gateway API v1.6, ReferenceGrant: a reference into another namespace needs a grant there. A grant that was meant for it
// and does not cover it is grant-mismatch.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GrantView& view : path.grants) {
    if (!view.scope.any()) continue;
    switch (view.state) {
      case GrantView::State::not_needed:
        break;
      case GrantView::State::granted:
        out.pass(view.scope);
        break;
      case GrantView::State::unknown:
        if (is_vouched_for(view, path)) {
          out.pass(view.scope);
        } else {
          out.unknown(view.scope, view.grants);
        }
        break;
      case GrantView::State::missing:
      case GrantView::State::mismatch:
        if (!near_grant(view, facts)) missing(view, path, facts, out);
        break;
    }
  }
}

}  // namespace

extern constinit const Check grant_missing{
    .code = "grant-missing",
    .title = "no ReferenceGrant allows a reference into another namespace",
    .severity = Severity::error,
    .layer = Layer::grant,
    .reads = {Kind::reference_grant, Kind::http_route},
    .explains = {"route-refs-unresolved", "route-not-accepted", "listener-certificate-invalid"},
    .run = run,
};

}  // namespace gwdoctor
