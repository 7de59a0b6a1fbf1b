#include "kube/api_error.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "kube/clean.h"
#include "kube/json.h"

namespace gwdoctor {

namespace {

constexpr std::pair<int, std::string_view> names[] = {
    {200, "OK"},
    {201, "Created"},
    {301, "Moved"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Redirect"},
    {308, "Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); });
  return out;
}

std::string media_type(const HttpResponse& response) {
  std::string type = lower(std::string_view(response.content_type).substr(0, response.content_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return clean_line(type, 60);
}

// What the answer says, in a clause to put after "the API server answered 500 Internal Server Error".
std::string said(const HttpResponse& response, const std::optional<ApiStatus>& status) {
  if (status && !status->message.empty()) return ": " + status->message;
  if (status || response.body.empty()) return "";
  const std::string type = media_type(response);
  if (type == "text/plain") return ": " + clean_line(response.body, 200);
  if (type.empty()) return " without a content type: is a proxy in between?";
  if (type == "application/json") return " with JSON that is no Status";
  return " with " + type + " instead of JSON: is a proxy or a login page in between?";
}

std::string answered(const HttpResponse& response, const std::optional<ApiStatus>& status) {
  return "the API server answered " + status_text(response.status) + said(response, status);
}

std::string forbidden_text(const Needs& needs, const HttpResponse& response, const std::optional<ApiStatus>& status) {
  if (status && !status->message.empty()) return status->message;
  std::string what = needs.resource;
  if (!needs.group.empty()) what += "." + needs.group;
  return "not allowed to " + needs.verb + " " + what + (needs.ns.empty() ? "" : " in " + needs.ns) + said(response, status);
}

Answer not_found(const HttpResponse& response, const Wish& wish, const std::optional<ApiStatus>& status) {
  if (status) {
    const bool names_it = status->name == wish.name && (status->kind.empty() || status->kind == info(wish.kind).plural ||
                                                        status->kind == info(wish.kind).name);
    if (wish.what == Wish::What::object && !wish.name.empty() && names_it) {
      Answer answer;
      answer.state = State::absent;
      return answer;
    }
    if (status->name.empty()) return unknown_answer(Why::Reason::not_served, answered(response, status));
    return unknown_answer(Why::Reason::error, "the 404 is about another object: " + status->message);
  }
  // kube-apiserver's answer below a group or version which nobody serves is Go's plain one.
  if (media_type(response) == "text/plain" && response.body.starts_with("404 page not found")) {
    return unknown_answer(Why::Reason::not_served, answered(response, status));
  }
  return unknown_answer(Why::Reason::error, answered(response, status));
}

std::string throttled_text(const HttpResponse& response, const std::optional<ApiStatus>& status) {
  std::string out = answered(response, status);
  if (const auto schema = response.header("x-kubernetes-pf-flowschema-uid")) {
    out += " (priority and fairness, FlowSchema with uid " + clean_line(*schema, 40) + ")";
  }
  return out;
}

std::string redirect_text(const HttpResponse& response) {
  std::string out = "the API server answered " + status_text(response.status);
  if (const auto location = response.header("location")) {
    // The query of a login page's address may carry a session.
    out += " to " + clean_line(std::string_view(*location).substr(0, location->find_first_of("?#")), 120);
  }
  return out + ", which is not followed: is the server's address that of the API?";
}

}  // namespace

std::string status_text(int status) {
  for (const auto& [code, name] : names) {
    if (code == status) return std::to_string(status) + " " + std::string(name);
  }
  return std::to_string(status);
}

bool is_json(const HttpResponse& response) { return media_type(response) == "application/json"; }

std::optional<ApiStatus> parse_status(const HttpResponse& response) {
  if (!is_json(response)) return std::nullopt;
  const Result<Value> body = parse_json(response.body);
  if (!body || (*body)["kind"].text() != "Status") return std::nullopt;
  const Value& details = (*body)["details"];
  ApiStatus status;
  status.code = static_cast<int>(std::clamp<std::int64_t>((*body)["code"].integer().value_or(response.status), 0, 999));
  status.reason = clean_line((*body)["reason"].text(), 60);
  status.message = clean_line((*body)["message"].text());
  status.name = details["name"].text();
  status.kind = details["kind"].text();
  return status;
}

Needs needs_of(const Wish& wish) {
  const KindInfo& entry = info(wish.kind);
  if (wish.what == Wish::What::served) return {"get", "", entry.group.empty() ? "/api" : "/apis", ""};
  if (wish.what == Wish::What::proxy) return {"get", "", std::string(entry.plural) + "/proxy", wish.ns};
  Needs needs;
  needs.verb = wish.what == Wish::What::list ? "list" : "get";
  needs.group = entry.group;
  needs.resource = entry.plural;
  if (entry.namespaced) needs.ns = wish.ns;
  // kube-apiserver authorizes the GET of a Namespace inside that namespace, so that a Role there suffices.
  if (wish.kind == Kind::name_space && wish.what == Wish::What::object) needs.ns = wish.name;
  return needs;
}

Answer unknown_answer(Why::Reason reason, std::string message) {
  Answer answer;
  answer.state = State::unknown;
  answer.why.reason = reason;
  answer.why.message = std::move(message);
  return answer;
}

Answer answer_of_failure(const HttpResponse& response, const Wish& wish) {
  const std::optional<ApiStatus> status = parse_status(response);
  if (response.status >= 300 && response.status < 400) return unknown_answer(Why::Reason::error, redirect_text(response));
  switch (response.status) {
    case 401:
      return unknown_answer(Why::Reason::error, "you must be logged in to the server" + said(response, status));
    case 403: {
      const Needs needs = needs_of(wish);
      Answer answer = unknown_answer(Why::Reason::forbidden, forbidden_text(needs, response, status));
      answer.why.needs = needs;
      return answer;
    }
    case 404:
      return not_found(response, wish, status);
    case 408:
    case 504:
      return unknown_answer(Why::Reason::timeout, answered(response, status));
    case 410:
      return unknown_answer(Why::Reason::expired, answered(response, status));
    case 429:
      return unknown_answer(Why::Reason::error, throttled_text(response, status));
    default:
      return unknown_answer(Why::Reason::error, answered(response, status));
  }
}

Answer answer_of_error(const Error& error) {
  switch (error.kind) {
    case ErrorKind::timeout:
      return unknown_answer(Why::Reason::timeout, error.message);
    case ErrorKind::gone:
      return unknown_answer(Why::Reason::expired, error.message);
    case ErrorKind::not_served:
      return unknown_answer(Why::Reason::not_served, error.message);
    default:
      return unknown_answer(Why::Reason::error, error.message);
  }
}

}  // namespace gwdoctor
