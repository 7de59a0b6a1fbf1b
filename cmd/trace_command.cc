#include <fmt/format.h>

#include <chrono>

#include "checks/engine.h"
#include "cmd/conclude.h"
#include "cmd/near_names.h"
#include "cmd/output.h"
#include "cmd/question.h"
#include "cmd/run.h"
#include "cmd/send.h"
#include "cmd/session.h"
#include "report/diagnose.h"
#include "report/tracing.h"

namespace gwdoctor {

namespace {

template <class T>
std::vector<std::string> names_in(const Seen<List<T>>& list) {
  std::vector<std::string> names;
  if (!list.present()) return names;
  for (const Known<T>& object : *list)
    names.push_back((object->meta.ref.ns.empty() ? "" : object->meta.ref.ns + "/") + object->meta.ref.name);
  return names;
}

// That the entrance which was named exists. Nothing known of it is no error here: the trace then says what is missing.
Result<void> check_entry(const EntryPoint& entry, Facts& facts, Source& source) {
  const bool gateway = entry.kind == EntryPoint::Kind::gateway;
  const auto absent = [&] {
    if (gateway) return facts.get<Gateway>(Kind::gateway, entry.ns, entry.name).absent();
    return !entry.name.empty() && facts.get<IngressClass>(Kind::ingress_class, "", entry.name).absent();
  };
  (void)absent();
  fetch_wanted(facts, source);
  if (!absent()) return {};
  const auto names = [&] {
    return gateway ? names_in(facts.list<Gateway>(Kind::gateway, ""))
                   : names_in(facts.list<IngressClass>(Kind::ingress_class, ""));
  };
  (void)names();
  fetch_wanted(facts, source);
  const std::string wanted = gateway ? entry.ns + "/" + entry.name : entry.name;
  return fail(ErrorKind::input,
              fmt::format("Error from server (NotFound): {} \"{}\" not found{}",
                          resource_name(gateway ? Kind::gateway : Kind::ingress_class), wanted, near_names(wanted, names())));
}

// A Gateway must; an IngressClass need not where Ingresses name it: the annotation of old had no object.
bool must_exist(const EntryPoint& entry, Facts& facts, Source& source) {
  if (entry.kind == EntryPoint::Kind::gateway) return true;
  const auto used = [&] {
    const Seen<List<Ingress>> all = facts.list<Ingress>(Kind::ingress, "");
    if (!all.present()) return true;
    for (const Known<Ingress>& ingress : *all) {
      if (ingress->class_name == entry.name || ingress->class_annotation == entry.name) return true;
    }
    // IngressRoutes need none either: their class is that of Traefik's chart.
    const Controller* named = find_by_annotation_class(entry.name);
    if (named == nullptr || named->id != "traefik" || !facts.served(Kind::ingress_route).present()) return false;
    const Seen<List<IngressRoute>> routes = facts.list<IngressRoute>(Kind::ingress_route, "");
    return !routes.present() || !routes->empty();
  };
  // One list leads to the next question.
  constexpr int most_rounds = 3;
  bool found = used();
  for (int round = 0; round < most_rounds && fetch_wanted(facts, source); ++round) found = used();
  return !found;
}

}  // namespace

Exit run_trace(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  Result<Session> session = open_session(options);
  if (!session) return report_error(session.error());
  const Result<Question> question = question_of(options.trace, options.names.front(), session->ns);
  if (!question) return report_error(question.error());
  Source& source = *session->source;
  Facts facts(source.now());
  facts.set_settings(session->settings);
  const auto fatal = [&] {
    const auto* error = session->fatal();
    return error != nullptr && error->has_value() ? error : nullptr;
  };
  if (question->entry && must_exist(*question->entry, facts, source)) {
    const Result<void> exists = check_entry(*question->entry, facts, source);
    if (fatal() != nullptr) return report_error(**fatal());
    if (!exists) return report_error(exists.error());
  }
  const std::vector<Target> targets = trace_targets(*question, facts, source);
  if (fatal() != nullptr) return report_error(**fatal());

  const DiagnoseOptions how = diagnose_options(options);
  std::vector<Diagnosis> diagnoses;
  for (const Target& target : targets) diagnoses.push_back(diagnose(target, facts, source, how).diagnosis);
  if (options.trace.send) {
    for (Diagnosis& diagnosis : diagnoses) send_traced(diagnosis, facts, options);
  }
  const bool list = diagnoses.size() > 1;
  return conclude(std::move(diagnoses), list, facts, source, start, options);
}

}  // namespace gwdoctor
