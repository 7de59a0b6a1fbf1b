#include "kube/discovery.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "kube/api_error.h"
#include "kube/clean.h"
#include "kube/json.h"

namespace gwdoctor {

namespace {

constexpr std::string_view accept_discovery =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

bool is_core(Kind kind) { return info(kind).group.empty(); }

// Why an answer cannot be used, or nothing.
std::optional<Why> why_unusable(bool core, const Result<HttpResponse>& answer) {
  if (!answer) return answer_of_error(answer.error()).why;
  Wish wish;
  wish.what = Wish::What::served;
  wish.kind = core ? Kind::service : Kind::http_route;
  const std::string what = std::string("discovery at ") + (core ? "/api" : "/apis") + ": ";
  if (answer->status != 200) {
    Why why = answer_of_failure(*answer, wish).why;
    // Every API server has these two; without them something else answers, or the address lacks a path.
    if (answer->status == 404) why = {Why::Reason::error, "not found: is the server's address that of a Kubernetes API?", {}};
    why.message = what + why.message;
    return why;
  }
  if (!is_json(*answer)) {
    return Why{
        Why::Reason::error,
        what + "the API server answered with content type \"" + clean_line(answer->content_type, 60) + "\" instead of JSON",
        {}};
  }
  return std::nullopt;
}

// What one version of one group is said to hold.
struct VersionSeen {
  std::set<std::string, std::less<>> plurals;  // with the group, they name a kind
  bool stale = false;
};
using GroupSeen = std::map<std::string, VersionSeen, std::less<>>;

GroupSeen read_group(const Value& group) {
  GroupSeen seen;
  for (const Value& version : group["versions"].items()) {
    VersionSeen& here = seen[version["version"].text()];
    here.stale = version["freshness"].text() == "Stale";
    for (const Value& resource : version["resources"].items()) {
      here.plurals.insert(resource["resource"].text());
    }
  }
  return seen;
}

// A version that the aggregator marks as stale tells what was once served: neither that it is, nor that it is not.
Discovery::Entry decide(const KindInfo& entry, const GroupSeen& seen) {
  std::string stale;
  for (const std::string_view version : entry.versions) {
    const auto found = seen.find(version);
    if (found == seen.end()) continue;
    if (found->second.stale) {
      if (stale.empty()) stale = version;
    } else if (found->second.plurals.contains(entry.plural)) {
      return {State::present, std::string(version), {}};
    }
  }
  if (stale.empty()) return {State::absent, {}, {}};
  return {State::unknown,
          {},
          {Why::Reason::error,
           "the API server cannot tell what " + api_version(entry.kind, stale) + " serves: it is marked stale",
           {}}};
}

}  // namespace

std::vector<HttpRequest> Discovery::first_requests() {
  HttpRequest core;
  core.path = "/api";
  core.accept = accept_discovery;
  HttpRequest groups = core;
  groups.path = "/apis";
  return {std::move(core), std::move(groups)};
}

void Discovery::fail_half(bool core, const Why& why) {
  for (const KindInfo& each : all_kinds()) {
    if (is_core(each.kind) == core) entry(each.kind) = {State::unknown, {}, why};
  }
}

std::vector<HttpRequest> Discovery::take(const std::vector<Result<HttpResponse>>& answers) {
  questions_.clear();
  std::vector<HttpRequest> more;
  take_half(true, answers.at(0), more);
  take_half(false, answers.at(1), more);
  return more;
}

void Discovery::take_half(bool core, const Result<HttpResponse>& answer, std::vector<HttpRequest>& more) {
  if (const std::optional<Why> why = why_unusable(core, answer)) return fail_half(core, *why);
  const std::string what = std::string("discovery at ") + (core ? "/api" : "/apis") + ": ";
  std::map<std::string, GroupSeen, std::less<>> groups;
  const bool aggregated = answer->content_type.find("g=apidiscovery.k8s.io") != std::string::npos;
  if (!aggregated) {
    const Result<Value> body = parse_json(answer->body);
    if (!body) return fail_half(core, {Why::Reason::error, what + clean_line(body.error().message), {}});
    return take_legacy_groups(core, *body, more);
  }
  const Result<ListHead> head = parse_json_list(
      answer->body, true, [&](Value&& group) { groups.insert_or_assign(group["metadata"]["name"].text(), read_group(group)); });
  if (!head) return fail_half(core, {Why::Reason::error, what + clean_line(head.error().message), {}});
  if (head->kind != "APIGroupDiscoveryList" || !head->has_items) {
    return fail_half(core,
                     {Why::Reason::error, what + "expected an APIGroupDiscoveryList, found " + clean_line(head->kind, 60), {}});
  }
  const GroupSeen none;
  for (const KindInfo& each : all_kinds()) {
    if (is_core(each.kind) != core) continue;
    const auto found = groups.find(each.group);
    entry(each.kind) = decide(each, found == groups.end() ? none : found->second);
  }
}

void Discovery::take_legacy_groups(bool core, const Value& body, std::vector<HttpRequest>& more) {
  const std::string expected = core ? "APIVersions" : "APIGroupList";
  const Value* list = body.find(core ? "versions" : "groups");
  if (body["kind"].text() != expected || list == nullptr || !(list->is_array() || list->is_null())) {
    return fail_half(
        core, {Why::Reason::error, "discovery: expected " + expected + ", found " + clean_line(body["kind"].text(), 60), {}});
  }
  for (const KindInfo& each : all_kinds()) {
    if (is_core(each.kind) == core) entry(each.kind) = {State::absent, {}, {}};
  }
  if (core) {
    std::vector<std::string> versions;
    for (const Value& version : list->items()) versions.push_back(version.text());
    return ask_legacy("", versions, more);
  }
  for (const Value& group : list->items()) {
    std::vector<std::string> versions;
    for (const Value& version : group["versions"].items()) versions.push_back(version["version"].text());
    ask_legacy(group["name"].text(), versions, more);
  }
}

void Discovery::ask_legacy(const std::string& group, const std::vector<std::string>& versions, std::vector<HttpRequest>& more) {
  std::set<std::string, std::less<>> understood;
  for (const KindInfo& each : all_kinds()) {
    if (each.group == group) understood.insert(each.versions.begin(), each.versions.end());
  }
  for (const std::string& version : versions) {
    if (understood.erase(version) == 0) continue;
    questions_.push_back({group, version});
    HttpRequest request;
    request.path = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
    more.push_back(std::move(request));
  }
}

void Discovery::take_legacy(const std::vector<Result<HttpResponse>>& answers) {
  std::map<std::string, GroupSeen, std::less<>> groups;
  std::map<std::string, Why, std::less<>> failures;
  for (std::size_t at = 0; at < questions_.size() && at < answers.size(); ++at) {
    const LegacyQuestion& question = questions_[at];
    VersionSeen& seen = groups[question.group][question.version];
    const Result<HttpResponse>& answer = answers[at];
    std::optional<Why> why = why_unusable(question.group.empty(), answer);
    if (!why) {
      const Result<Value> body = parse_json(answer->body);
      if (!body) {
        why = Why{Why::Reason::error, clean_line(body.error().message), {}};
      } else if ((*body)["kind"].text() != "APIResourceList") {
        why = Why{Why::Reason::error, "expected an APIResourceList, found " + clean_line((*body)["kind"].text(), 60), {}};
      } else {
        for (const Value& resource : (*body)["resources"].items()) {
          seen.plurals.insert(resource["name"].text());
        }
      }
    }
    if (!why) continue;
    seen.stale = true;
    failures.emplace(question.group, *why);
  }
  for (const KindInfo& each : all_kinds()) {
    const auto found = groups.find(each.group);
    if (found == groups.end()) continue;
    Entry& here = entry(each.kind);
    here = decide(each, found->second);
    if (here.state == State::unknown) here.why = failures.at(std::string(each.group));
  }
  questions_.clear();
}

bool Discovery::complete() const {
  return std::none_of(entries_.begin(), entries_.end(),
                      [](const Entry& each) { return each.state == State::wanted || each.state == State::unknown; });
}

}  // namespace gwdoctor
