#include "kube/live_source.h"

#include <algorithm>
#include <utility>

#include "kube/api_error.h"
#include "kube/ascii.h"
#include "kube/clean.h"
#include "kube/json.h"
#include "kube/proxy_answer.h"
#include "kube/redact.h"

namespace gwdoctor {

namespace {

constexpr int max_discovery_tries = 3;
constexpr int max_restarts = 2;  // of one list whose continue token expired
constexpr int max_pages = 2000;  // a million objects: more is a server that never ends a list

bool is_unreserved(char letter) {
  return is_alphanumeric(letter) || letter == '-' || letter == '.' || letter == '_' || letter == '~';
}

std::string percent_encoded(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    if (is_unreserved(letter)) {
      out += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    out += {'%', digits[byte >> 4U], digits[byte & 15U]};
  }
  return out;
}

// A 200 that is not what was asked for says nothing about the object: it is neither absent nor empty.
Answer not_what_was_asked(std::string what) {
  return unknown_answer(Why::Reason::error, "the API server answered 200 OK with " + std::move(what));
}

std::string type_text(std::string_view version, std::string_view kind) {
  return clean_line(std::string(version) + " " + std::string(kind), 120);
}

}  // namespace

struct LiveSource::Job {
  const Wish* wish = nullptr;
  std::size_t candidate = 0;  // index into KindInfo::versions, used while discovery does not tell
  std::string version;        // of the request that was sent last
  std::string continue_token;
  int pages = 0;
  int restarts = 0;
  bool done = false;
  Answer answer;

  void finish(Answer result) {
    answer = std::move(result);
    done = true;
  }
  void finish(State state) {
    answer = {};
    answer.state = state;
    done = true;
  }
  // Back to the first request, with nothing kept of the answers so far.
  void start_over() {
    continue_token.clear();
    pages = 0;
    answer = {};
  }
};

bool is_path_segment(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find_first_of("/%") == std::string_view::npos;
}

std::string request_path(const Wish& wish, std::string_view version, int page_size, std::string_view continue_token) {
  const KindInfo& entry = info(wish.kind);
  std::string path = entry.group.empty() ? "/api/" : "/apis/" + std::string(entry.group) + "/";
  path += version;
  if (entry.namespaced && !wish.ns.empty()) path += "/namespaces/" + percent_encoded(wish.ns);
  path += '/';
  path += entry.plural;
  if (wish.what == Wish::What::object) return path + "/" + percent_encoded(wish.name);
  path += "?limit=" + std::to_string(page_size);
  if (!wish.selector.empty()) path += "&labelSelector=" + percent_encoded(wish.selector);
  if (!wish.fields.empty()) path += "&fieldSelector=" + percent_encoded(wish.fields);
  if (!continue_token.empty()) path += "&continue=" + percent_encoded(continue_token);
  return path;
}

LiveSource::LiveSource(std::shared_ptr<Transport> transport, LiveOptions options)
    : transport_(std::move(transport)), options_(options) {}

Time LiveSource::now() const { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

std::vector<Answer> LiveSource::fill(const std::vector<Wish>& wishes) {
  std::vector<Job> jobs(wishes.size());
  for (std::size_t at = 0; at < wishes.size(); ++at) {
    Job& job = jobs[at];
    const Wish& wish = wishes[at];
    const bool namespaced = info(wish.kind).namespaced;
    job.wish = &wish;
    const bool nameable = is_path_segment(wish.name) && (!namespaced || is_path_segment(wish.ns));
    const bool listable = !namespaced || wish.ns.empty() || is_path_segment(wish.ns);
    if (wish.probe() && wish.what != Wish::What::proxy) {
      job.finish(unknown_answer(Why::Reason::not_collected, "the API server does not observe " + wish.text()));
    }
    if (wish.what == Wish::What::proxy && proxy_path(wish).empty()) {
      job.finish(unknown_answer(Why::Reason::error, "there is no path to " + wish.text()));
    }
    // No such object can exist, and its path would ask for something else.
    if (wish.what == Wish::What::object && !nameable) job.finish(State::absent);
    if (wish.what == Wish::What::list && !listable) job.finish(State::present);
  }
  run(jobs);
  std::vector<Answer> answers;
  answers.reserve(jobs.size());
  for (Job& job : jobs) answers.push_back(std::move(job.answer));
  return answers;
}

void LiveSource::run(std::vector<Job>& jobs) {
  bool asked_discovery = false;
  while (true) {
    std::vector<HttpRequest> requests;
    std::size_t questions = 0;
    const bool open = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return !job.done; });
    if (!open) return;
    if (fatal_) {
      for (Job& job : jobs) {
        if (!job.done) job.finish(answer_of_error(*fatal_));
      }
      return;
    }
    if (!asked_discovery) requests = start_discovery(questions);
    asked_discovery = true;
    std::vector<Job*> asking;
    for (Job& job : jobs) {
      // Settling waits while discovery is asked: a kind that was not there a moment ago may be served by now.
      if (!job.done && questions == 0) settle_by_discovery(job);
      if (job.done || job.wish->what == Wish::What::served) continue;
      const Discovery::Entry& entry = discovery_[job.wish->kind];
      if (job.pages == 0) {
        job.version = entry.state == State::present ? entry.version : std::string(info(job.wish->kind).versions[job.candidate]);
      }
      requests.push_back(request_of(job));
      asking.push_back(&job);
    }
    if (requests.empty()) continue;
    std::vector<Result<HttpResponse>> answers = send(requests);
    judge_first_round(answers);
    const auto split = answers.begin() + static_cast<std::ptrdiff_t>(questions);
    if (questions > 0 && !fatal_) {
      take_discovery({std::make_move_iterator(answers.begin()), std::make_move_iterator(split)});
    }
    for (std::size_t at = 0; at < asking.size() && !fatal_; ++at) take(*asking[at], answers[questions + at]);
  }
}

std::vector<Result<HttpResponse>> LiveSource::send(const std::vector<HttpRequest>& requests) {
  std::vector<Result<HttpResponse>> answers = transport_->send(requests);
  answers.resize(requests.size(), fail(ErrorKind::internal, "the transport lost an answer"));
  ++stats_.rounds;
  stats_.requests += static_cast<int>(requests.size());
  for (const Result<HttpResponse>& answer : answers) {
    if (answer) stats_.bytes += answer->wire_bytes;
  }
  return answers;
}

void LiveSource::judge_first_round(const std::vector<Result<HttpResponse>>& answers) {
  if (stats_.rounds != 1) return;
  const Error* refused = nullptr;
  const Error* lost = nullptr;
  bool refused_by_status = false;
  for (const Result<HttpResponse>& answer : answers) {
    if (answer && answer->status != 401) return;
    if (answer) {
      refused_by_status = true;
    } else if (answer.error().kind == ErrorKind::unauthorized) {
      if (refused == nullptr) refused = &answer.error();
    } else if (lost == nullptr) {
      lost = &answer.error();
    }
  }
  if (refused != nullptr) {
    fatal_ = *refused;
  } else if (refused_by_status) {
    fatal_ = Error{ErrorKind::unauthorized, "You must be logged in to the server (Unauthorized)"};
  } else if (lost != nullptr) {
    fatal_ = Error{ErrorKind::unreachable, lost->message};
  }
}

std::vector<HttpRequest> LiveSource::start_discovery(std::size_t& questions) {
  if (discovered_ || discovery_tries_ >= max_discovery_tries) return {};
  ++discovery_tries_;
  std::vector<HttpRequest> requests = Discovery::first_requests();
  questions = requests.size();
  return requests;
}

void LiveSource::take_discovery(const std::vector<Result<HttpResponse>>& answers) {
  const std::vector<HttpRequest> more = discovery_.take(answers);
  if (!more.empty()) discovery_.take_legacy(send(more));
  discovered_ = discovery_.complete();
}

HttpRequest LiveSource::request_of(const Job& job) const {
  HttpRequest request;
  request.path = job.wish->what == Wish::What::proxy
                     ? proxy_path(*job.wish)
                     : request_path(*job.wish, job.version, options_.page_size, job.continue_token);
  if (job.wish->what == Wish::What::proxy) request.accept = "*/*";
  return request;
}

void LiveSource::settle_by_discovery(Job& job) const {
  const Discovery::Entry& entry = discovery_[job.wish->kind];
  if (entry.state == State::absent && job.pages == 0) return job.finish(State::absent);
  if (job.wish->what != Wish::What::served) return;
  Answer answer;
  answer.state = entry.state;
  answer.version = entry.version;
  answer.why = entry.why;
  job.finish(std::move(answer));
}

void LiveSource::take(Job& job, const Result<HttpResponse>& answer) const {
  if (job.wish->what == Wish::What::proxy) return job.finish(answer_of_proxy(answer, *job.wish, now()));
  if (answer && answer->status == 200) {
    return job.wish->what == Wish::What::object ? take_object(job, *answer) : take_page(job, *answer);
  }
  const Discovery::Entry& entry = discovery_[job.wish->kind];
  if (job.pages == 0) {
    // RBAC answers 403 before anybody looks whether the kind exists, so discovery has the better word here.
    if (entry.state == State::absent) return job.finish(State::absent);
    if (entry.state == State::present && entry.version != job.version) return job.start_over();
  }
  if (!answer) return job.finish(answer_of_error(answer.error()));
  if (answer->status == 410 && job.wish->what == Wish::What::list && job.restarts < max_restarts) {
    ++job.restarts;
    return job.start_over();
  }
  Answer failure = answer_of_failure(*answer, *job.wish);
  if (failure.state == State::unknown && failure.why.reason == Why::Reason::not_served) {
    return settle_not_served(job, std::move(failure));
  }
  job.finish(std::move(failure));
}

void LiveSource::settle_not_served(Job& job, Answer answer) const {
  const Discovery::Entry& entry = discovery_[job.wish->kind];
  if (entry.state == State::present || job.pages > 0) {
    answer.why.reason = Why::Reason::error;
    answer.why.message =
        "discovery lists " + resource_name(job.wish->kind) + " in " + job.version + ", yet " + answer.why.message;
    return job.finish(std::move(answer));
  }
  if (job.candidate + 1 < info(job.wish->kind).versions.size()) {
    ++job.candidate;
    return job.start_over();
  }
  // Discovery is not allowed, and the API server knows none of the versions: that proves it too.
  if (entry.why.reason == Why::Reason::forbidden) return job.finish(State::absent);
  Answer unknown;
  unknown.why = entry.why;
  job.finish(std::move(unknown));
}

void LiveSource::take_object(Job& job, const HttpResponse& response) const {
  const Wish& wish = *job.wish;
  if (!is_json(response)) {
    return job.finish(not_what_was_asked("content type \"" + clean_line(response.content_type, 60) + "\" instead of JSON"));
  }
  Result<Value> body = parse_json(response.body);
  if (!body) return job.finish(not_what_was_asked("broken JSON: " + clean_line(body.error().message)));
  const std::string version = api_version(wish.kind, job.version);
  const Value& metadata = (*body)["metadata"];
  if ((*body)["kind"].text() != info(wish.kind).name || (*body)["apiVersion"].text() != version) {
    return job.finish(not_what_was_asked(type_text((*body)["apiVersion"].text(), (*body)["kind"].text()) + " instead of " +
                                         type_text(version, info(wish.kind).name)));
  }
  if (metadata["name"].text() != wish.name || (info(wish.kind).namespaced && metadata["namespace"].text() != wish.ns)) {
    return job.finish(not_what_was_asked("another object: " + clean_line(metadata["name"].text(), 120)));
  }
  redact(*body);
  Answer answer;
  answer.state = State::present;
  answer.documents.push_back(std::move(*body));
  job.finish(std::move(answer));
}

void LiveSource::take_page(Job& job, const HttpResponse& response) const {
  const Wish& wish = *job.wish;
  if (!is_json(response)) {
    return job.finish(not_what_was_asked("content type \"" + clean_line(response.content_type, 60) + "\" instead of JSON"));
  }
  const std::string version = api_version(wish.kind, job.version);
  const std::string name(info(wish.kind).name);
  bool foreign = false;
  const Result<ListHead> head = parse_json_list(response.body, options_.keep_managed_fields, [&](Value&& item) {
    if (!item.is_object()) {
      foreign = true;
      return;
    }
    // Items of built-in kinds come without their type.
    if (item.find("kind") == nullptr) item.set("kind", name);
    if (item.find("apiVersion") == nullptr) item.set("apiVersion", version);
    const Value& metadata = item["metadata"];
    foreign = foreign || item["kind"].text() != name || item["apiVersion"].text() != version || metadata["name"].text().empty() ||
              (!wish.ns.empty() && info(wish.kind).namespaced && metadata["namespace"].text() != wish.ns);
    redact(item);
    job.answer.documents.push_back(std::move(item));
  });
  if (!head) return job.finish(not_what_was_asked("broken JSON: " + clean_line(head.error().message)));
  if (head->kind != name + "List" || head->api_version != version || !head->has_items) {
    return job.finish(not_what_was_asked(type_text(head->api_version, head->kind) + (head->has_items ? "" : " without items") +
                                         " instead of " + type_text(version, name + "List")));
  }
  if (foreign) return job.finish(not_what_was_asked("a list that holds something else than it was asked for"));
  ++job.pages;
  if (!head->continue_token.empty()) {
    if (head->continue_token == job.continue_token || job.pages >= max_pages) {
      return job.finish(unknown_answer(Why::Reason::error, "the list does not end: the API server repeats its pages"));
    }
    job.continue_token = head->continue_token;
    return;
  }
  job.answer.state = State::present;
  job.done = true;
}

}  // namespace gwdoctor
