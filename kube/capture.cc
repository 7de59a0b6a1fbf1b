#include "kube/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kube/objects/fields.h"
#include "kube/observation.h"
#include "kube/redact.h"

namespace gwdoctor {

namespace {

constexpr std::array<std::string_view, 8> whats{"object", "list", "served", "dns", "tcp", "tls", "http", "proxy"};
constexpr std::array<std::string_view, 4> states{"present", "absent", "unknown", "wanted"};
constexpr std::array reasons{Why::Reason::forbidden, Why::Reason::timeout, Why::Reason::not_served, Why::Reason::not_collected,
                             Why::Reason::expired,   Why::Reason::vantage, Why::Reason::pending,    Why::Reason::error};

template <std::size_t N>
std::optional<std::size_t> place_of(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

// What is observed from outside is of no kind.
bool about_kind(Wish::What what) {
  return what == Wish::What::object || what == Wish::What::list || what == Wish::What::served || what == Wish::What::proxy;
}

Value fact_document(const Wish& wish, const Answer& answer) {
  Value out{Value::Object{}};
  const auto put = [&](std::string_view key, const std::string& text) {
    if (!text.empty()) out.set(key, text);
  };
  out.set("what", whats[static_cast<std::size_t>(wish.what)]);
  if (about_kind(wish.what)) out.set("resource", resource_name(wish.kind));
  put("namespace", wish.ns);
  put("name", wish.name);
  put("selector", wish.selector);
  put("fields", wish.fields);
  out.set("state", states[static_cast<std::size_t>(answer.state)]);
  put("version", answer.version);
  if (answer.state == State::unknown) {
    out.set_path("why.reason", reason_name(answer.why.reason));
    out.set_path("why.message", answer.why.message);
    if (answer.why.needs) {
      out.set_path("why.needs.verb", answer.why.needs->verb);
      out.set_path("why.needs.group", answer.why.needs->group);
      out.set_path("why.needs.resource", answer.why.needs->resource);
      out.set_path("why.needs.namespace", answer.why.needs->ns);
    }
  }
  if (!answer.documents.empty()) out.set("documents", Value::Array(answer.documents));
  return out;
}

Why read_why(const Value& value) {
  Why why;
  for (const Why::Reason reason : reasons) {
    if (reason_name(reason) == value["reason"].text()) why.reason = reason;
  }
  why.message = value["message"].text();
  const Value& needs = value["needs"];
  if (needs.is_object())
    why.needs = Needs{needs["verb"].text(), needs["group"].text(), needs["resource"].text(), needs["namespace"].text()};
  return why;
}

Value settings_document(const Settings& settings) {
  Value out{Value::Object{}};
  out.set("public", settings.public_view);
  out.set("expiryWarning", static_cast<std::int64_t>(settings.expiry_warning.count()));
  out.set("probePath", settings.probe_path);
  out.set("dnsServers", Value::Array(settings.dns_servers.begin(), settings.dns_servers.end()));
  // Where it lies is the business of that machine alone.
  const std::string& file = settings.ca_file;
  if (!file.empty()) out.set("caFile", file.substr(file.find_last_of('/') + 1));
  return out;
}

}  // namespace

Value capture_document(const Facts& facts) {
  Value out{Value::Object{}};
  out.set("apiVersion", "gwdoctor.dev/v1");
  out.set("kind", "Capture");
  out.set("takenAt", format_time(facts.now()));
  out.set("settings", settings_document(facts.settings()));
  Value list{Value::Array{}};
  for (const auto& [wish, answer] : facts.stored()) list.push_back(fact_document(wish, answer));
  out.set("facts", std::move(list));
  return out;
}

bool is_capture(const Value& document) {
  return document["kind"].text() == "Capture" && document["apiVersion"].text().starts_with("gwdoctor.dev/");
}

void CaptureSource::read_settings(const Value& settings) {
  settings_.public_view = settings["public"].boolean();
  if (const auto seconds = settings["expiryWarning"].integer(); seconds && *seconds >= 0)
    settings_.expiry_warning = Seconds(*seconds);
  settings_.ca_file = settings["caFile"].text();
  if (const std::string path = settings["probePath"].text(); path.starts_with('/')) probe_path_ = path;
  if (settings["dnsServers"].is_array()) dns_servers_ = decode_texts(settings["dnsServers"]);
}

Result<CaptureSource> CaptureSource::parse(const Value& document, std::string_view name) {
  CaptureSource source;
  const auto bad = [&](std::string_view what) {
    return fail(ErrorKind::input, fmt::format("{}: this capture cannot be read: {}", name, what));
  };
  if (document["apiVersion"].text() != "gwdoctor.dev/v1")
    return bad("its apiVersion is " + document["apiVersion"].text() + ", expected gwdoctor.dev/v1");
  const std::optional<Time> taken = parse_time(document["takenAt"].text());
  if (!taken) return bad("takenAt is no time");
  if (!document["facts"].is_array()) return bad("it has no list of facts");
  source.now_ = *taken;
  source.read_settings(document["settings"]);
  for (const Value& fact : document["facts"].items()) {
    const std::optional<std::size_t> what = place_of(whats, fact["what"].text());
    const bool of_kind = !what || about_kind(static_cast<Wish::What>(*what));
    const std::optional<Kind> kind = of_kind ? kind_named(fact["resource"].text()) : Kind::pod;
    const std::optional<std::size_t> state = place_of(states, fact["state"].text());
    // A resource or state of a newer program: what it says is not known to this one.
    if (!kind || !what || !state) continue;
    const Wish wish{static_cast<Wish::What>(*what), *kind, fact["namespace"].text(), fact["name"].text(), fact["selector"].text(),
                    fact["fields"].text()};
    Answer answer{static_cast<State>(*state), {}, fact["version"].text(), read_why(fact["why"])};
    for (Value one : fact["documents"].items()) {
      redact(one);  // a file may have been edited by hand: nothing that is secret stays
      if (wish.probe()) tidy_observation(one);
      answer.documents.push_back(std::move(one));
    }
    const bool needs_one = wish.what == Wish::What::object || wish.probe();
    const bool hollow = answer.state == State::present && needs_one && answer.documents.empty();
    if (hollow || answer.state == State::wanted) {
      answer.state = State::unknown;
      answer.why = {Why::Reason::not_collected, "the capture does not hold " + wish.text(), std::nullopt};
    }
    source.facts_[wish] = std::move(answer);
  }
  return source;
}

Answer CaptureSource::answer(const Wish& wish) const {
  const auto found = facts_.find(wish);
  if (found != facts_.end()) return found->second;
  for (const std::string& ns : {wish.ns, std::string()}) {
    if (wish.probe()) break;
    const auto list = facts_.find({Wish::What::list, wish.kind, ns, {}, {}, {}});
    if (list == facts_.end() || list->second.state != State::present || wish.what == Wish::What::served) continue;
    Answer out;
    out.state = wish.what == Wish::What::list ? State::present : State::absent;
    for (const Value& document : list->second.documents) {
      const bool taken = wish.what == Wish::What::list ? selects(wish, document)
                                                       : document["metadata"]["name"].text() == wish.name &&
                                                             document["metadata"]["namespace"].text() == wish.ns;
      if (!taken) continue;
      out.documents.push_back(document);
      out.state = State::present;
    }
    return out;
  }
  Answer out;
  out.why = {Why::Reason::not_collected, "the capture does not hold " + wish.text(), std::nullopt};
  return out;
}

std::vector<Answer> CaptureSource::fill(const std::vector<Wish>& wishes) {
  std::vector<Answer> answers;
  answers.reserve(wishes.size());
  for (const Wish& wish : wishes) answers.push_back(answer(wish));
  return answers;
}

std::set<ProbeKind> CaptureSource::recorded() const {
  std::set<ProbeKind> out;
  for (const auto& [wish, answer] : facts_) {
    if (const std::optional<ProbeKind> probe = wish.probe()) out.insert(*probe);
  }
  return out;
}

std::vector<std::string> CaptureSource::recorded_servers() const {
  if (dns_servers_) return *dns_servers_;
  std::vector<Wish> wishes;
  for (const auto& [wish, answer] : facts_) wishes.push_back(wish);
  return servers_of(wishes);
}

std::vector<Ref> CaptureSource::refs(Kind kind) const {
  std::vector<Ref> out;
  for (const auto& [wish, answer] : facts_) {
    if (wish.kind != kind || wish.probe()) continue;
    for (const Value& document : answer.documents) {
      Ref one = ref(kind, document["metadata"]["namespace"].text(), document["metadata"]["name"].text());
      if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(std::move(one));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace gwdoctor
