#include <algorithm>

#include "chain/nearest.h"
#include "checks/check.h"
#include "checks/grace.h"

namespace gwdoctor {

namespace {

// Something whose labels the selector may have been meant for.
struct Candidate {
  Ref ref;
  Labels labels;
};

// spec.selector.app, spec.selector["app.kubernetes.io/name"]
std::string key_path(const std::string& key) {
  const bool plain = key.find_first_of(".[]\"/") == std::string::npos;
  return plain ? "spec.selector." + key : "spec.selector[\"" + key + "\"]";
}

template <class T>
std::vector<Known<T>> in_order(const Seen<List<T>>& list) {
  std::vector<Known<T>> out;
  if (list.present()) out = *list;
  std::sort(out.begin(), out.end(), [](const Known<T>& left, const Known<T>& right) { return left->meta.ref < right->meta.ref; });
  return out;
}

// Workloads first: what they make comes and goes, their templates stay.
std::vector<Candidate> candidates_in(const Facts& facts, const std::string& ns) {
  std::vector<Candidate> out;
  for (const Kind kind : {Kind::deployment, Kind::stateful_set, Kind::daemon_set}) {
    for (const Known<Workload>& workload : in_order(facts.list<Workload>(kind, ns))) {
      out.push_back({workload->meta.ref, workload->template_labels});
    }
  }
  for (const Known<Pod>& pod : in_order(facts.list<Pod>(Kind::pod, ns))) {
    if (!pod->is_finished() && !pod->meta.deleted) out.push_back({pod->meta.ref, pod->meta.labels});
  }
  return out;
}

std::vector<Labels> labels_of(const std::vector<Candidate>& candidates) {
  std::vector<Labels> out;
  for (const Candidate& candidate : candidates) out.push_back(candidate.labels);
  return out;
}

// The selector with each difference settled in favour of the labels that exist.
Labels mended(Labels selector, const LabelDifference& difference) {
  using What = LabelDifference::Item::What;
  for (const LabelDifference::Item& item : difference.items) {
    const auto entry = std::find_if(selector.begin(), selector.end(), [&](const auto& one) { return one.first == item.key; });
    if (entry == selector.end()) continue;
    if (item.what == What::missing || !item.found) {
      selector.erase(entry);
    } else if (item.what == What::differs) {
      entry->second = *item.found;
    } else {
      *entry = {item.found_key, *item.found};
    }
  }
  return selector;
}

// Whether the new selector takes in one workload alone: one that is shared would mix two applications.
bool is_sure(const Labels& selector, const Candidate& meant, const std::vector<Candidate>& candidates) {
  const Selector matcher = Selector::from_labels(selector);
  return !selector.empty() && std::none_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
    return other.ref.kind != "Pod" && other.ref != meant.ref && matcher.matches(other.labels);
  });
}

std::optional<Fix> set_selector(const BackendView& backend, const LabelDifference& difference, const Candidate& meant,
                                const std::vector<Candidate>& candidates) {
  const Labels selector = mended(backend.service->selector, difference);
  if (!is_sure(selector, meant, candidates)) return std::nullopt;
  const std::string summary = (meant.ref.kind == "Pod" ? "select " : "select the pods of ") + meant.ref.text();
  if (difference.items.size() == 1 && difference.items.front().what == LabelDifference::Item::What::differs) {
    const LabelDifference::Item& item = difference.items.front();
    return set_field(backend.ref, backend.service.document(), key_path(item.key), *item.found, summary);
  }
  Value whole{Value::Object{}};
  for (const auto& [key, value] : selector) whole.set(key, value);
  return set_field(backend.ref, backend.service.document(), "spec.selector", std::move(whole), summary);
}

std::string differences(const LabelDifference& difference) {
  std::string out;
  for (const LabelDifference::Item& item : difference.items) out += (out.empty() ? "" : "; ") + item.text();
  return out;
}

void fail(const Facts& facts, const BackendView& backend, Verdicts& out) {
  const Selector selector = Selector::from_labels(backend.service->selector);
  const std::vector<Candidate> candidates = candidates_in(facts, backend.ref.ns);
  const std::optional<NearestLabels> near = nearest_labels(selector, labels_of(candidates));
  FindingBuilder finding = out.fail(backend.scope);
  finding.saw(backend.service, backend.ref, "spec.selector").reason("endpoints-selector-matches-nothing");
  if (!near) {
    finding.object(backend.ref, "spec.selector")
        .says("no pod matches the selector {} of {}", selector.text(), backend.ref.text())
        .fix(by_hand("give the Service the labels of its pods",
                     {fmt::format("kubectl get pods -n {} --show-labels", shell_quote(backend.ref.ns))}));
    return;
  }
  const Candidate& meant = candidates[near->index];
  const bool single = near->difference.items.size() == 1;
  finding.object(backend.ref, single ? key_path(near->difference.items.front().key) : "spec.selector")
      .says("no pod matches the selector {} of {}; nearest is {}: {}", selector.text(), backend.ref.text(), meant.ref.text(),
            differences(near->difference))
      .affects(meant.ref)
      .fix(set_selector(backend, near->difference, meant, candidates));
  if (const auto document = facts.document(meant.ref)) {
    const std::string field = meant.ref.kind == "Pod" ? "metadata.labels" : "spec.template.metadata.labels";
    finding.saw(meant.ref, field, document->at_path(field));
  }
}

// Whether pods or a workload that could be read come so near that the selector was meant for them.
bool plainly_meant(const Facts& facts, const BackendView& backend) {
  const Selector selector = Selector::from_labels(backend.service->selector);
  return nearest_labels(selector, labels_of(candidates_in(facts, backend.ref.ns))).has_value();
}

// The selector takes in no pod at all. Silent where a workload of those labels exists: then it is scaled to zero
// (workload-scaled-to-zero) or its pods cannot be made (endpoints-none says why).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.is_service) continue;
    if (backend.service.unknown()) out.unknown(backend.scope, backend.service);
    if (!backend.has_selector) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    if (!backend.pods.present()) continue;
    if (!backend.pods->empty()) {
      out.pass(backend.scope);
    } else if (!backend.workloads.empty()) {
      continue;
    } else if (backend.workloads_missing && !plainly_meant(facts, backend)) {
      // A workload of those labels may be among those that could not be read.
      out.unknown(backend.scope, *backend.workloads_missing, backend.workloads_why);
    } else if (settling(backend.service->meta, facts)) {
      // A Service is usually created a moment before its workload.
      out.unknown(backend.scope, backend.pods.wish(), pending());
    } else {
      fail(facts, backend, out);
    }
  }
}

}  // namespace

extern constinit const Check service_selector_mismatch{
    .code = "service-selector-mismatch",
    .title = "the selector of a Service matches no pod",
    .severity = Severity::error,
    .layer = Layer::service,
    .reads = {Kind::service, Kind::pod, Kind::deployment, Kind::stateful_set, Kind::daemon_set},
    .explains = {"endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor
