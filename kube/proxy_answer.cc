#include "kube/proxy_answer.h"

#include <algorithm>

#include "kube/api_error.h"
#include "kube/ascii.h"
#include "kube/clean.h"
#include "kube/live_source.h"
#include "kube/observation.h"

namespace gwdoctor {

namespace {

// The words of kube-apiserver for a backend that it could not reach (apimachinery, util/proxy, and the registry of Services).
constexpr std::string_view not_reached = "error trying to reach service: ";
constexpr std::string_view none_available = "no endpoints available for service";

bool has_dot_segment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    std::string segment(path.substr(0, slash));
    // Escaped dots are dots to whoever decodes before looking.
    for (std::size_t at = segment.find('%'); at != std::string::npos; at = segment.find('%', at + 1)) {
      if (segment.substr(at, 3) == "%2e" || segment.substr(at, 3) == "%2E") segment.replace(at, 3, ".");
    }
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

bool is_sendable(std::string_view path) {
  const bool clean = std::all_of(path.begin(), path.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte > 0x20 && byte < 0x7f && letter != '#' && letter != '\\';
  });
  return path.starts_with('/') && clean && !has_dot_segment(path);
}

bool is_plain(std::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](char letter) { return is_alphanumeric(letter) || letter == '-' || letter == '.' || letter == '_'; });
}

std::string unreached_text(const HttpResponse& response, const std::optional<ApiStatus>& status) {
  const std::string text = status ? status->message : clean_line(response.body);
  if (text.starts_with(none_available)) return text;
  if (text.starts_with(not_reached)) return text.substr(not_reached.size());
  return {};
}

// Whether a refusal is the API server's own: a backend may answer 403 as well, and even with a Status.
bool is_about_proxy(const ApiStatus& status) { return status.message.find("/proxy\"") != std::string::npos; }

}  // namespace

std::string proxy_path(const Wish& wish) {
  const ProxyQuestion question = proxy_question(wish);
  const bool plain = is_plain(question.name) && is_plain(question.ns) && is_plain(question.port) && is_plain(question.scheme);
  if (!plain || !is_path_segment(question.name) || !is_path_segment(question.ns) || !is_sendable(question.path)) return {};
  std::string out = "/api/v1/namespaces/" + question.ns + "/" + std::string(info(question.kind).plural) + "/";
  if (!question.scheme.empty()) out += question.scheme + ":";
  out += question.name;
  if (!question.port.empty() || !question.scheme.empty()) out += ":" + question.port;
  return out + "/proxy" + question.path;
}

Answer answer_of_proxy(const Result<HttpResponse>& response, const Wish& wish, Time now) {
  if (!response) return answer_of_error(response.error());
  const std::optional<ApiStatus> status = parse_status(*response);
  if (status && (response->status == 401 || response->status == 429)) return answer_of_failure(*response, wish);
  if (status && response->status == 403 && is_about_proxy(*status)) return answer_of_failure(*response, wish);
  ProxyAnswer out;
  out.observed = {now, "the API server"};
  out.question = proxy_question(wish);
  out.status = response->status;
  out.content_type = clean_line(response->content_type, 60);
  if (response->status >= 500) out.detail = unreached_text(*response, status);
  // The object itself, not something behind it, is what was not found.
  const bool missing = status && response->status == 404 && status->name == wish.name && status->kind == info(wish.kind).plural;
  if (missing) out.detail = status->message;
  out.reached = out.detail.empty();
  if (out.reached) {
    out.body_cut = response->body.size() > max_observed_body;
    out.body = response->body;
  }
  return observation(wish, out);
}

}  // namespace gwdoctor
