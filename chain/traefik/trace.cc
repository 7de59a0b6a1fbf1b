#include "chain/traefik/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "chain/dialects/answers.h"
#include "chain/dialects/traefik.h"
#include "chain/traefik/judge.h"

namespace gwdoctor {

namespace {

// A router that would take the request, were it made, is nearer than any other.
constexpr int meant = 100;

class Combiner {
 public:
  Combiner(const Question& question, const IngressTable& table, const Facts& facts, Trace of_ingresses)
      : request_(question.request),
        table_(table),
        facts_(facts),
        trace_(std::move(of_ingresses)),
        routers_(traefik_routers(question.ns, facts)) {}

  Trace run() {
    const bool http = request_.is_http() && out().action != Action::reject;
    if (!http) return std::move(trace_);
    path_ = treat(request_.path, table_.dialect->path).path;
    entry_ = entry_of(out().route, out().rule, out().match);
    unread_ = routers_->unread;
    for (const TraefikRouter& router : routers_->routers) judged_.push_back(judge_router(router, request_, path_));
    choose();
    decide();
    admit_unread();
    return std::move(trace_);
  }

 private:
  Outcome& out() { return trace_.outcome; }

  const IngressEntry* entry_of(const Ref& route, const std::optional<std::size_t>& rule,
                               const std::optional<std::size_t>& match) const {
    const auto found = std::find_if(table_.entries.begin(), table_.entries.end(), [&](const IngressEntry& one) {
      if (one.ingress->meta.ref != route) return false;
      return one.is_default() ? !rule : rule == one.rule && match == one.path;
    });
    return found == table_.entries.end() ? nullptr : &*found;
  }

  // The first router that takes the request or may, and the first that would, were it made.
  void choose() {
    for (JudgedRouter& one : judged_) {
      if (first_ != nullptr && one.router->priority < first_->router->priority) return;
      if (!one.may_take()) continue;
      settle_router(one, routers_->settings, facts_, unread_);
      if (!one.fault.empty()) {
        if (broken_ == nullptr && !one.is_open()) broken_ = &one;
      } else if (first_ == nullptr) {
        first_ = &one;
      } else if (twin_ == nullptr && !leads_alike(one, *first_)) {
        twin_ = &one;
      }
    }
  }

  static bool leads_alike(const JudgedRouter& left, const JudgedRouter& right) {
    const auto same = [](const TraefikTargets::At& a, const TraefikTargets::At& b) {
      return a.backend.object == b.backend.object && a.backend.port == b.backend.port &&
             a.backend.port_name == b.backend.port_name && a.backend.weight == b.backend.weight;
    };
    const auto passed = [](const TraefikPassage::Stop& a, const TraefikPassage::Stop& b) { return a.name == b.name; };
    const auto& a = left.targets.backends;
    const auto& b = right.targets.backends;
    return !left.is_open() && !right.is_open() && left.targets.internal == right.targets.internal &&
           std::equal(a.begin(), a.end(), b.begin(), b.end(), same) &&
           std::equal(left.passage.stops.begin(), left.passage.stops.end(), right.passage.stops.begin(),
                      right.passage.stops.end(), passed);
  }

  bool is_broken(const IngressEntry& entry) const {
    return table_.facts.backend_problem && !table_.facts.backend_problem(entry).empty();
  }

  void decide() {
    if (first_ != nullptr) {
      const std::int64_t mine = first_->router->priority;
      const bool alone = entry_ == nullptr || is_broken(*entry_);
      if (alone || mine > traefik_priority(*entry_)) return by_router();
      if (mine == traefik_priority(*entry_)) return by_neither();
    } else if (entry_ == nullptr) {
      return broken_ != nullptr && broken_->targets.of_service ? by_broken() : by_nobody();
    }
    by_ingress();
  }

  // A new outcome in place of that of the Ingresses.
  Outcome started() {
    Outcome fresh;
    fresh.gateway = out().gateway;
    const bool classless = table_.ingresses.empty() && !fresh.gateway.name.empty() &&
                           facts_.get<IngressClass>(Kind::ingress_class, "", fresh.gateway.name).absent();
    if (classless) fresh.gateway = Ref{};
    return fresh;
  }

  void finish(Outcome fresh, const JudgedRouter* winner) {
    note_request(request_, path_, table_, fresh);
    trace_.outcome = std::move(fresh);
    list_candidates(winner);
  }

  void by_router() {
    Outcome fresh = started();
    if (twin_ != nullptr) {
      name_router(*first_, fresh);
      fresh.reason = fmt::format("{} and {} have the same priority ({}): which of them Traefik tries first is not laid down",
                                 router_words(*first_->router), router_words(*twin_->router), first_->router->priority);
    } else if (first_->is_open()) {
      name_router(*first_, fresh);
      const std::string& why = first_->verdict.why.empty() ? first_->doubt : first_->verdict.why;
      fresh.reason = fmt::format("whether {} takes the request is not known: {}", router_words(*first_->router), why);
    } else {
      serve(*first_, request_, path_, fresh);
      if (broken_ != nullptr)
        fresh.notes.push_back(fmt::format("{} would go before, and Traefik makes no router of it: {}",
                                          router_words(*broken_->router), broken_->fault));
    }
    finish(std::move(fresh), first_);
  }

  void by_neither() {
    out().action = Action::unknown;
    out().status.reset();
    out().reason = fmt::format("{} and {} have the same priority ({}): which of them Traefik tries first is not laid down",
                               entry_words(*entry_), router_words(*first_->router), first_->router->priority);
    list_candidates(nullptr);
  }

  void by_broken() {
    Outcome fresh = started();
    name_router(*broken_, fresh);
    fresh.action = Action::respond;
    fresh.status = 404;
    fresh.reason = fmt::format("Traefik makes no router of it: {}", broken_->fault);
    finish(std::move(fresh), broken_);
  }

  void by_nobody() {
    if (out().action == Action::not_found && routers_->objects > 0) {
      const std::size_t count = table_.ingresses.size();
      const std::string ingresses =
          count == 0 ? std::string() : fmt::format("{} Ingress{} and the ", count, count == 1 ? "" : "es");
      out().reason = fmt::format("no rule of the {}{} IngressRoute{} takes the request: Traefik {}", ingresses, routers_->objects,
                                 routers_->objects == 1 ? "" : "s", table_.dialect->not_found);
    }
    if (out().action == Action::not_found && !unread_.empty()) {
      out().action = Action::unknown;
      out().status.reset();
      out().grpc_status.clear();
      out().reason = "no rule that could be read takes the request, and not every IngressRoute could be read";
    }
    list_candidates(nullptr);
  }

  // The router of an Ingress, which passes Middlewares as well.
  void by_ingress() {
    const std::string named = traefik_middlewares(*entry_->ingress);
    if (!named.empty() && out().action == Action::forward) pass_middlewares(named);
    list_candidates(nullptr);
  }

  void pass_middlewares(const std::string& named) {
    if (!routers_->served || !facts_.served(Kind::middleware).present()) {
      out().notes.push_back(fmt::format(
          "router.middlewares {}: Middlewares are not read; they may redirect, rewrite or refuse the request", named));
      return;
    }
    TraefikPassage passage = passage_of(named, entry_->ingress->meta.ref.ns, TraefikSettings{}, facts_, unread_);
    if (!passage.fault.empty()) return lose_ingress(passage.fault);
    pass(passage, request_, path_, out());
    if (passage.doubt.empty()) return;
    out().action = Action::unknown;
    out().reason = fmt::format("what {} makes of the request is not known: {}", entry_words(*entry_), passage.doubt);
  }

  // Traefik makes no router of this path; another may take the request in its place.
  void lose_ingress(const std::string& fault) {
    const bool others = first_ != nullptr || std::any_of(trace_.candidates.begin(), trace_.candidates.end(),
                                                         [](const Candidate& one) { return one.matched; });
    Candidate lost{out().route, out().rule, out().match, fmt::format("Traefik makes no router of it: {}", fault), false, meant};
    Outcome fresh = started();
    fresh.action = others ? Action::unknown : Action::not_found;
    if (!others) fresh.status = 404;
    fresh.reason =
        others ? fmt::format("Traefik makes no router of {}: {}; another rule takes its place", entry_words(*entry_), fault)
               : fmt::format("no router takes the request: Traefik {}", table_.dialect->not_found);
    note_request(request_, path_, table_, fresh);
    trace_.outcome = std::move(fresh);
    trace_.candidates.insert(trace_.candidates.begin(), std::move(lost));
    entry_ = nullptr;
  }

  // ---- why the others lost ----

  struct Ranked {
    std::int64_t priority = 0;
    Candidate candidate;
  };

  static Candidate candidate_of(const TraefikRouter& router, int nearness) {
    return {router.ref(), router.route, std::nullopt, {}, false, nearness};
  }

  static bool has_priority(const IngressEntry& entry) {
    return traefik_priority(entry) != static_cast<std::int64_t>(traefik_rule(entry).size());
  }

  std::string lost_by(std::int64_t less, bool given, const JudgedRouter* winner) const {
    const std::int64_t more = winner != nullptr ? winner->router->priority : entry_ != nullptr ? traefik_priority(*entry_) : less;
    if (more == less) return fmt::format("the same priority ({})", less);
    const bool told = winner != nullptr ? winner->router->has_priority() : has_priority(*entry_);
    if (given || told) return fmt::format("lower priority ({} < {})", less, more);
    const std::string rule = winner != nullptr ? winner->router->spec().match : traefik_rule(*entry_);
    return fmt::format("shorter rule ({} < {} characters of {})", less, more, rule);
  }

  void add_router(JudgedRouter& one, const JudgedRouter* winner, std::vector<Ranked>& matched, std::vector<Candidate>& near) {
    Candidate candidate = candidate_of(*one.router, one.verdict.met);
    if (!one.may_take()) {
      candidate.lost = one.verdict.why;
      near.push_back(std::move(candidate));
      return;
    }
    const bool served = winner != nullptr || entry_ != nullptr;
    if (one.fault.empty()) {
      candidate.matched = !one.is_open();
      candidate.lost = served ? lost_by(one.router->priority, one.router->has_priority(), winner) : one.doubt;
    } else {
      candidate.matched = served;
      candidate.nearness = meant;
      candidate.lost = fmt::format("Traefik makes no router of it: {}", one.fault);
    }
    matched.push_back({one.router->priority, std::move(candidate)});
  }

  void add_dropped(bool served, std::vector<Ranked>& matched, std::vector<Candidate>& near) {
    for (const TraefikRouters::Dropped& one : routers_->dropped) {
      const bool readable = one.router.rule.ok() && !one.router.spec().match.empty();
      const TraefikVerdict verdict = readable ? evaluate(one.router.rule.rule, request_, path_) : TraefikVerdict{};
      Candidate candidate = candidate_of(one.router, verdict.met);
      candidate.lost = fmt::format("Traefik makes no router of it: {}", one.why);
      const bool named = !readable && !request_.host.empty() && one.router.spec().match.find(request_.host) != std::string::npos;
      if (verdict.is == TraefikVerdict::Is::yes || named) {
        candidate.nearness = meant - (named ? 1 : 0);
        candidate.matched = served && !named;
        matched.push_back({one.router.priority, std::move(candidate)});
      } else if (readable && verdict.is == TraefikVerdict::Is::no) {
        candidate.lost = verdict.why;
        near.push_back(std::move(candidate));
      } else {
        near.push_back(std::move(candidate));
      }
    }
  }

  void list_candidates(const JudgedRouter* winner) {
    if (!routers_->served) return;
    std::vector<Ranked> matched;
    std::vector<Candidate> near;
    if (winner != nullptr && entry_ != nullptr) {
      Candidate own{entry_->ingress->meta.ref, std::nullopt, std::nullopt, {}, true, meant};
      if (!entry_->is_default()) {
        own.rule = entry_->rule;
        own.match = entry_->path;
      }
      own.lost = is_broken(*entry_) ? fmt::format("Traefik makes no router of it: {}", table_.facts.backend_problem(*entry_))
                                    : lost_by(traefik_priority(*entry_), has_priority(*entry_), winner);
      matched.push_back({traefik_priority(*entry_), std::move(own)});
    }
    for (Candidate& one : trace_.candidates) {
      const IngressEntry* entry = entry_of(one.route, one.rule, one.match);
      if (!one.matched && one.nearness < meant) {
        near.push_back(std::move(one));
        continue;
      }
      if (winner != nullptr && one.matched && entry != nullptr)
        one.lost = lost_by(traefik_priority(*entry), has_priority(*entry), winner);
      matched.push_back({entry == nullptr ? 0 : traefik_priority(*entry), std::move(one)});
    }
    for (JudgedRouter& one : judged_) {
      if (&one == winner) continue;
      // Behind the first that takes the request nothing was worked out.
      if (one.doubt.empty()) one.doubt = one.router->doubt;
      add_router(one, winner, matched, near);
    }
    add_dropped(winner != nullptr || entry_ != nullptr, matched, near);
    std::stable_sort(matched.begin(), matched.end(),
                     [](const Ranked& left, const Ranked& right) { return left.priority > right.priority; });
    keep_nearest(near);
    if (matched.size() > most_matched) matched.resize(most_matched);
    trace_.candidates.clear();
    for (Ranked& one : matched) trace_.candidates.push_back(std::move(one.candidate));
    std::move(near.begin(), near.end(), std::back_inserter(trace_.candidates));
  }

  void admit_unread() {
    if (!routers_->unread.empty() && out().action != Action::unknown)
      out().notes.emplace_back("not every IngressRoute could be read: the rule of another may go before");
    std::set<Wish> told;
    for (const Unread& one : trace_.unread) told.insert(one.wish);
    std::copy_if(unread_.begin(), unread_.end(), std::back_inserter(trace_.unread),
                 [&](const Unread& one) { return told.insert(one.wish).second; });
  }

  const Request& request_;
  const IngressTable& table_;
  const Facts& facts_;
  Trace trace_;
  std::shared_ptr<const TraefikRouters> routers_;
  std::string path_;
  const IngressEntry* entry_ = nullptr;  // of the Ingress that serves, or may
  std::vector<JudgedRouter> judged_;
  std::vector<Unread> unread_;
  const JudgedRouter* first_ = nullptr;
  const JudgedRouter* twin_ = nullptr;
  const JudgedRouter* broken_ = nullptr;
};

}  // namespace

Trace trace_traefik(const Question& question, const IngressTable& table, const Facts& facts, Trace of_ingresses) {
  return Combiner(question, table, facts, std::move(of_ingresses)).run();
}

}  // namespace gwdoctor
