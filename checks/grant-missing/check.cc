#include "checks/check.h"

#include "checks/support/gateway_state.h"
#include "checks/support/grants.h"

namespace gwdoctor {

namespace {

std::string state_of(const GrantView& view) {
  if (view.grants.absent()) return "; the API server has no such kind";
  if (!view.grants.present() || view.grants->empty()) return {};
  return view.grants->size() == 1 ? "; the one that is there is for something else"
                                  : "; those that are there are for something else";
}

std::string_view mode_of(const GrantView& view) {
  return view.to.is("", "Secret") ? "grant-missing-secret" : "grant-missing-backend";
}

Ref target_of(const GrantView& view) {
  if (const std::optional<Kind> kind = kind_of(view.to.group, view.to.kind)) return ref(*kind, view.to.ns, view.to.name);
  return Ref{view.to.group, view.to.kind, view.to.ns, view.to.name, {}};
}

void missing(const GrantView& view, const Path& path, const Facts& facts, Verdicts& out) {
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.from, view.path + ".namespace")
      .reason(mode_of(view))
      .says("no ReferenceGrant in namespace {} lets {} refer to {}{}", view.to.ns, view.from.text(), text_of(view.to),
            state_of(view))
      .affects(target_of(view))
      .fix(create_grant(view, facts));
  if (const auto document = facts.document(view.from)) finding.saw(view.from, view.path, document->at_path(view.path));
  if (has_alternatives(view, path)) finding.impact(Impact::part);
}

// Who may not read the grants of another namespace has the controller's word for it, either way.
void unread(const GrantView& view, const Path& path, const Facts& facts, Verdicts& out) {
  if (is_vouched_for(view, path)) return out.pass(view.scope);
  out.unknown(view.scope, view.grants);
  const std::optional<NotPermitted> word = not_permitted(view, path);
  if (!word) return;
  const auto document = facts.document(word->object);
  out.fail(view.scope)
      .object(view.from, view.path + ".namespace")
      .reason(mode_of(view))
      .certainty(Certainty::observed)
      .says("no ReferenceGrant in namespace {} lets {} refer to {}, says its controller: {}", view.to.ns, view.from.text(),
            text_of(view.to), said(word->condition))
      .saw(word->object, word->path, document == nullptr ? Value() : document->at_path(word->path))
      .affects(target_of(view))
      .fix(by_hand(fmt::format("have a ReferenceGrant in namespace {} allow it", view.to.ns),
                   {fmt::format("kubectl get referencegrants -n {}", shell_quote(view.to.ns))}));
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
        unread(view, path, facts, out);
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
    .explains = {"route-refs-unresolved", "route-not-accepted", "listener-certificate-invalid", "tls-served-default",
                 "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor
