#include "kube/http_log.h"

#include <algorithm>
#include <utility>

#include "kube/api_error.h"
#include "kube/ascii.h"
#include "kube/clean.h"
#include "kube/credentials.h"
#include "kube/json.h"
#include "kube/redact.h"

namespace gwdoctor {

namespace {

constexpr std::size_t body_at_8 = 1024;
constexpr std::size_t body_at_9 = 10240;
constexpr std::size_t line_limit = 2000;
// A body is redacted whole before it is cut; beyond this size that costs more than the first lines are worth.
constexpr std::size_t largest_shown = std::size_t{4} << 20U;

bool is_secret_path(std::string_view url) {
  const std::string_view path = url.substr(0, url.find('?'));
  return path.ends_with("/secrets") || path.find("/secrets/") != std::string_view::npos;
}

// Without what must not be kept: environment variables and Secrets inside any document.
std::string redacted(const std::string& text) {
  Result<Value> parsed = parse_json(text);
  if (!parsed) return "<a body that is no JSON, " + std::to_string(text.size()) + " bytes>";
  const Value* items = parsed->find("items");
  if (items == nullptr || !items->is_array()) {
    redact(*parsed);
    return write_json(*parsed);
  }
  std::string kind = (*parsed)["kind"].text();
  if (kind.ends_with("List")) kind.resize(kind.size() - 4);
  Value::Array cleaned = items->items();
  for (Value& item : cleaned) {
    if (!item.is_object()) continue;
    if (item.find("kind") == nullptr) item.set("kind", kind);
    redact(item);
  }
  parsed->set("items", Value(std::move(cleaned)));
  return write_json(*parsed);
}

std::string header_for_people(const std::string& line) {
  const std::size_t colon = line.find(':');
  const std::string name = lower_case(std::string_view(line).substr(0, colon));
  if (colon == std::string::npos) return line;
  if (name == "set-cookie" || name == "cookie") return line.substr(0, colon) + ": <masked>";
  if (name != "authorization" && name != "proxy-authorization") return line;
  const std::size_t scheme = line.find_first_not_of(' ', colon + 1);
  const std::size_t end = line.find(' ', scheme);
  const bool has_scheme = scheme != std::string::npos && end != std::string::npos;
  return line.substr(0, colon) + ": " + (has_scheme ? line.substr(scheme, end - scheme) + " " : "") + "<masked>";
}

std::string took_text(std::chrono::milliseconds took) { return " in " + std::to_string(took.count()) + " milliseconds"; }

}  // namespace

HttpLog::~HttpLog() {
  for (std::string& secret : secrets_) wipe(secret);
}

void HttpLog::hide(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    // Shorter ones would turn up everywhere, and tell by that what they are.
    if (secret.size() < 6 || std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) continue;
    secrets_.push_back(secret);
  }
}

std::string HttpLog::masked(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 8)) {
      text.replace(at, secret.size(), "<masked>");
    }
  }
  return text;
}

void HttpLog::request(const std::string& method, const std::string& url, const std::vector<std::string>& headers,
                      const std::string& sent) const {
  if (!wants(7)) return;
  log_(clean_line(masked(method + " " + url), line_limit));
  log_("Request Headers:");
  for (const std::string& line : headers) log_("    " + clean_line(masked(header_for_people(line)), line_limit));
  if (!sent.empty()) body(url, "Request Body: ", sent, true);
}

void HttpLog::response(const std::string& method, const std::string& url, const HttpResponse& response,
                       std::chrono::milliseconds took) const {
  if (!wants(6)) return;
  log_(clean_line(masked(method + " " + url), line_limit) + " " + status_text(response.status) + took_text(took));
  if (!wants(8)) return;
  log_("Response Headers:");
  for (const auto& [name, value] : response.headers) {
    log_("    " + clean_line(masked(header_for_people(name + ": " + value)), line_limit));
  }
  body(url, "Response Body: ", response.body, is_json(response));
}

void HttpLog::body(const std::string& url, std::string_view what, const std::string& text, bool json) const {
  if (!wants(8) || text.empty()) return;
  const std::size_t limit = wants(9) ? body_at_9 : body_at_8;
  std::string shown;
  if (is_secret_path(url)) {
    shown = "<of a Secret, not shown>";
  } else if (text.size() > largest_shown) {
    shown = "<" + std::to_string(text.size()) + " bytes, not shown>";
  } else {
    shown = json ? redacted(text) : text;
  }
  log_(std::string(what) + clean_line(masked(std::move(shown)), limit));
}

void HttpLog::failure(const std::string& method, const std::string& url, const std::string& why,
                      std::chrono::milliseconds took) const {
  if (!wants(6)) return;
  log_(clean_line(masked(method + " " + url), line_limit) + took_text(took) + ": " + clean_line(masked(why)));
}

void HttpLog::warnings(const HttpResponse& response) {
  if (!warning_) return;
  constexpr std::size_t most = 100;
  for (const auto& [name, value] : response.headers) {
    if (name != "warning") continue;
    std::string text = clean_line(masked(warning_text(value)));
    if (text.empty() || shown_.size() >= most || !shown_.insert(text).second) continue;
    warning_(text);
  }
}

std::string warning_text(std::string_view header) {
  if (!header.starts_with("299 ")) return {};
  const std::size_t open = header.find('"');
  if (open == std::string_view::npos) return {};
  std::string text;
  for (std::size_t at = open + 1; at < header.size(); ++at) {
    if (header[at] == '"') return text;
    if (header[at] == '\\' && at + 1 < header.size()) ++at;
    text += header[at];
  }
  return {};
}

}  // namespace gwdoctor
