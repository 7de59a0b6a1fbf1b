#include "kube/manifest_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/facts.h"
#include "kube/observation.h"
#include "kube/redact.h"
#include "kube/yaml.h"

namespace gwdoctor {

namespace {

std::string at(const std::string& file, const Value& value) {
  return value.mark().line == 0 ? file : fmt::format("{}:{}:{}", file, value.mark().line, value.mark().column);
}

std::string group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(api_version.substr(0, slash));
}

// "ServiceList", "List", "HTTPRouteList": what a List holds, or nothing for one of any kinds.
std::optional<Kind> list_of(const Value& document) {
  const std::string kind = document["kind"].text();
  return kind.size() <= 4 ? std::nullopt : kind_of(group_of(document["apiVersion"].text()), kind.substr(0, kind.size() - 4));
}

constexpr int max_list_nesting = 3;

// A later document of the same object replaces an earlier one, as in `kubectl apply -f`.
template <class Object>
void keep_last(Kind kind, std::vector<Object>& objects) {
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<Object> kept;
  for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
    const Value& metadata = object->document["metadata"];
    const std::string ns = info(kind).namespaced ? metadata["namespace"].text() : std::string();
    if (seen.emplace(ns, metadata["name"].text()).second) kept.push_back(std::move(*object));
  }
  std::reverse(kept.begin(), kept.end());
  objects = std::move(kept);
}

}  // namespace

Result<void> ManifestSource::add(Value document, const std::string& file, int depth) {
  if (!document.is_object())
    return fail(ErrorKind::input, at(file, document) + ": expected a Kubernetes object (a mapping with apiVersion and kind)");
  const std::string kind_name = document["kind"].text();
  if (kind_name.empty()) return fail(ErrorKind::input, at(file, document) + ": this object has no kind");
  const Value* items = document.find("items");
  if (kind_name.ends_with("List") && items != nullptr) {
    if (depth >= max_list_nesting) return fail(ErrorKind::input, at(file, document) + ": Lists are nested too deeply");
    if (const std::optional<Kind> kind = list_of(document)) collected_.insert(*kind);
    if (list_of(document) == Kind::custom_resource_definition) crds_collected_ = true;
    if (!items->is_array() && !items->is_null())
      return fail(ErrorKind::input, at(file, *items) + ": items of " + kind_name + " is not a list");
    for (const Value& item : items->items()) {
      if (const Result<void> added = add(item, file, depth + 1); !added) return added;
    }
    return {};
  }
  if (is_observation(document)) return add_observation(std::move(document), file);
  const std::optional<Kind> kind = kind_of(group_of(document["apiVersion"].text()), kind_name);
  if (!kind) return {};
  if (document["metadata"]["name"].text().empty()) {
    return fail(ErrorKind::input, fmt::format("{}: {} has no metadata.name", at(file, document), kind_name));
  }
  if (info(*kind).namespaced && document["metadata"]["namespace"].text().empty())
    document.set_path("metadata.namespace", "default");
  collected_.insert(*kind);
  if (*kind == Kind::custom_resource_definition) crds_collected_ = true;
  const std::uint32_t line = document.mark().line;
  redact(document);
  objects_[*kind].push_back({std::move(document), file, line});
  return {};
}

Result<void> ManifestSource::add_observation(Value document, const std::string& file) {
  const std::optional<Wish> wish = observed_wish(document);
  if (!wish) {
    return fail(ErrorKind::input,
                fmt::format("{}: {} cannot be read: expected apiVersion gwdoctor.dev/v1 and a spec that says what was "
                            "observed (name, or address and port)",
                            at(file, document), document["kind"].text()));
  }
  tidy_observation(document);
  observed_[*wish] = std::move(document);
  return {};
}

Result<ManifestSource> ManifestSource::parse(const std::vector<ManifestFile>& files, Time now) {
  ManifestSource source;
  source.now_ = now;
  for (const ManifestFile& file : files) {
    Result<std::vector<Value>> documents = parse_yaml(file.text, file.name);
    if (!documents) return tl::unexpected(documents.error());
    for (Value& document : *documents) {
      if (const Result<void> added = source.add(std::move(document), file.name, 0); !added) return tl::unexpected(added.error());
    }
  }
  for (auto& [kind, objects] : source.objects_) keep_last(kind, objects);
  return source;
}

bool ManifestSource::denied(const Wish& wish, Answer& out) const {
  const std::string verb = wish.what == Wish::What::object ? "get" : "list";
  for (const Denial& denial : denials_) {
    if (wish.what == Wish::What::served || denial.kind != wish.kind) continue;
    if (!denial.ns.empty() && !wish.ns.empty() && denial.ns != wish.ns) continue;
    if (!denial.verbs.empty() && std::find(denial.verbs.begin(), denial.verbs.end(), verb) == denial.verbs.end()) continue;
    out.state = State::unknown;
    out.why.reason = Why::Reason::forbidden;
    out.why.needs = Needs{verb, std::string(info(wish.kind).group), std::string(info(wish.kind).plural), wish.ns};
    out.why.message =
        fmt::format("may not {} {}{}", verb, resource_name(wish.kind), wish.ns.empty() ? "" : " in namespace " + wish.ns);
    return true;
  }
  return false;
}

Answer ManifestSource::answer(const Wish& wish) const {
  Answer out;
  if (wish.probe()) {
    const auto found = observed_.find(wish);
    out.why = {Why::Reason::not_collected, "the files do not hold " + wish.text(), std::nullopt};
    if (found != observed_.end()) out = {State::present, {found->second}, {}, {}};
    return out;
  }
  if (denied(wish, out)) return out;
  // Where the CRDs were collected, a kind of the Gateway API or of Traefik's whose CRD is not among them is not served (rulings,
  // 4).
  bool served = !unserved_.contains(wish.kind);
  const bool of_traefik = info(wish.kind).group == "traefik.io";
  if (served && crds_collected_ && (of_traefik || info(wish.kind).group == "gateway.networking.k8s.io")) {
    const auto crds = objects_.find(Kind::custom_resource_definition);
    served = crds != objects_.end() && std::any_of(crds->second.begin(), crds->second.end(), [&](const Object& crd) {
               return crd.document["metadata"]["name"].text() == resource_name(wish.kind);
             });
  }
  // Traefik's kinds are not part of most clusters: files without any object of them say that there are none.
  if (of_traefik && !crds_collected_) {
    served =
        served && std::any_of(collected_.begin(), collected_.end(), [](Kind kind) { return info(kind).group == "traefik.io"; });
  }
  out.state = State::absent;
  if (!served) return out;
  if (wish.what == Wish::What::served) {
    out.state = State::present;
    out.version = std::string(info(wish.kind).versions.front());
    return out;
  }
  if (!collected_.contains(wish.kind)) {
    out.state = State::unknown;
    out.why.reason = Why::Reason::not_collected;
    out.why.message = fmt::format("no {} was collected", info(wish.kind).name);
    return out;
  }
  const auto found = objects_.find(wish.kind);
  if (wish.what == Wish::What::list) out.state = State::present;
  if (found == objects_.end()) return out;
  for (const Object& object : found->second) {
    const Value& metadata = object.document["metadata"];
    if (wish.what == Wish::What::list) {
      if (selects(wish, object.document)) out.documents.push_back(object.document);
    } else if (metadata["name"].text() == wish.name && (!info(wish.kind).namespaced || metadata["namespace"].text() == wish.ns)) {
      out.state = State::present;
      out.documents = {object.document};
    }
  }
  return out;
}

std::vector<Answer> ManifestSource::fill(const std::vector<Wish>& wishes) {
  std::vector<Answer> answers;
  answers.reserve(wishes.size());
  for (const Wish& wish : wishes) answers.push_back(answer(wish));
  return answers;
}

Source::Place ManifestSource::place(const Ref& object) const {
  const std::optional<Kind> kind = kind_of(group_of(object.api_version), object.kind);
  const auto found = kind ? objects_.find(*kind) : objects_.end();
  if (found == objects_.end()) return {};
  for (const Object& candidate : found->second) {
    const Value& metadata = candidate.document["metadata"];
    if (metadata["name"].text() == object.name && metadata["namespace"].text() == object.ns)
      return {candidate.file, candidate.line};
  }
  return {};
}

std::set<ProbeKind> ManifestSource::recorded() const {
  std::set<ProbeKind> out;
  for (const auto& [wish, document] : observed_) out.insert(*wish.probe());
  return out;
}

std::vector<std::string> ManifestSource::recorded_servers() const {
  std::vector<Wish> wishes;
  for (const auto& [wish, document] : observed_) wishes.push_back(wish);
  return servers_of(wishes);
}

std::string ManifestSource::recorded_path() const {
  std::string first;
  for (const auto& [wish, document] : observed_) {
    if (wish.what != Wish::What::http) continue;
    const HttpQuestion question = http_question(wish);
    if (question.grpc_health) continue;
    if (question.path == "/") return "/";
    if (first.empty()) first = question.path;
  }
  return first.empty() ? "/" : first;
}

void ManifestSource::collect_all() {
  for (const KindInfo& kind : all_kinds()) {
    // The CRDs are left out: a world without any would be one in which nothing is served.
    if (kind.kind != Kind::custom_resource_definition) collected_.insert(kind.kind);
  }
}

void ManifestSource::reverse() {
  for (auto& [kind, objects] : objects_) std::reverse(objects.begin(), objects.end());
}

std::vector<Ref> ManifestSource::refs(Kind kind) const {
  std::vector<Ref> out;
  const auto found = objects_.find(kind);
  if (found == objects_.end()) return out;
  for (const Object& object : found->second) {
    out.push_back(ref(kind, object.document["metadata"]["namespace"].text(), object.document["metadata"]["name"].text()));
  }
  return out;
}

}  // namespace gwdoctor
