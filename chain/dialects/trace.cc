#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chain/dialects/answers.h"
#include "chain/dialects/ingress_table.h"
#include "chain/dialects/order.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

class IngressTracer {
 public:
  IngressTracer(const Question& question, const IngressTable& table)
      : request_(question.request), table_(table), dialect_(*table.dialect) {
    trace_.request = request_;
    trace_.unread = table.unread;
    if (!table.class_name.empty()) out().gateway = ref(Kind::ingress_class, "", table.class_name);
  }

  Trace run() {
    if (!request_.is_http()) return end(Action::unreachable, "an Ingress serves HTTP and HTTPS alone");
    const TreatedPath treated = treat(request_.path, dialect_.path);
    path_ = treated.path;
    if (treated.rejected) {
      out().status = 400;
      return end(Action::reject, fmt::format("{} refuses the path {}", dialect_.name, request_.path));
    }
    if (treated.redirected) {
      redirect(307, request_.scheme, request_.host, request_.port, with_query(path_, request_),
               fmt::format("{} asks for the path without escaped slashes", dialect_.name), out());
      return std::move(trace_);
    }
    choose_balancer();
    look();
    decide();
    finish();
    return std::move(trace_);
  }

 private:
  struct Looked {
    const IngressEntry* entry;
    Match match;
  };

  Outcome& out() { return trace_.outcome; }

  Trace end(Action action, std::string reason) {
    out().action = action;
    out().reason = std::move(reason);
    return std::move(trace_);
  }

  // Where each Ingress or group has a load balancer of its own, the request arrives at one of them.
  void choose_balancer() {
    if (dialect_.balancer == nullptr) return;
    std::set<std::string> matching;
    for (const IngressEntry& entry : table_.entries) {
      const std::string name = dialect_.balancer(*entry.ingress);
      for (const IngressAddress& address : entry.ingress->addresses) {
        const bool here = request_.address && (address.ip == *request_.address || address.hostname == *request_.address);
        if (here) addressed_ = name;
      }
      if (entry.host.empty() && !first_.empty()) continue;
      if (dialect_.match(entry, request_, path_, table_).verdict != Verdict::yes) continue;
      if (first_.empty() || (entry.host == request_.host && !exact_)) {
        first_ = name;
        exact_ = entry.host == request_.host;
      }
      if (!entry.host.empty()) matching.insert(name);
    }
    balancer_ = addressed_.empty() ? first_ : addressed_;
    matching.erase(balancer_);
    if (!addressed_.empty() || matching.empty()) return;
    out().notes.push_back(
        fmt::format("other load balancers of this class have a rule for the request as well ({}): which one it reaches "
                    "is for DNS to say",
                    fmt::join(matching, ", ")));
  }

  bool is_here(const IngressEntry& entry) const {
    return dialect_.balancer == nullptr || balancer_.empty() || dialect_.balancer(*entry.ingress) == balancer_;
  }

  void look() {
    looked_.reserve(table_.entries.size());
    for (const IngressEntry& entry : table_.entries) {
      Match match = dialect_.match(entry, request_, path_, table_);
      if (!is_here(entry)) {
        if (match.verdict != Verdict::no) ++match.met;
        match.verdict = Verdict::no;
        match.failed = fmt::format("another load balancer ({})", dialect_.balancer(*entry.ingress));
      }
      looked_.push_back({&entry, std::move(match)});
    }
  }

  void decide() {
    if (dialect_.intercept != nullptr && dialect_.intercept(request_, path_, table_, out())) {
      list_candidates(nullptr);
      return;
    }
    const auto first = find_first();
    if (first == looked_.end()) {
      not_found();
      return;
    }
    name_entry(*first->entry, out());
    if (first->match.verdict == Verdict::unknown) {
      out().action = Action::unknown;
      out().reason =
          fmt::format("whether {} takes the request is not known: {}", entry_words(*first->entry), first->match.failed);
    } else {
      dialect_.apply(*first->entry, request_, path_, table_, out());
    }
    list_candidates(first->entry);
  }

  std::vector<Looked>::const_iterator find_first() const {
    auto best = looked_.end();
    for (auto at = looked_.begin(); at != looked_.end(); ++at) {
      if (at->match.verdict == Verdict::no) continue;
      if (best == looked_.end() || (dialect_.goes_first != nullptr && dialect_.goes_first(*at->entry, *best->entry, path_)))
        best = at;
      if (dialect_.goes_first == nullptr) break;
    }
    return best;
  }

  void not_found() {
    if (!table_.unread.empty()) {
      out().action = Action::unknown;
      out().reason = "no rule that could be read takes the request, and not every Ingress could be read";
    } else {
      out().action = Action::not_found;
      out().status = 404;
      if (request_.grpc) out().grpc_status = "UNIMPLEMENTED";
      const std::size_t count = table_.ingresses.size();
      const std::string of_class = table_.class_name.empty() ? std::string("without a class") : "of class " + table_.class_name;
      out().reason = count == 0 ? fmt::format("there is no Ingress {}: {} {}", of_class, dialect_.name, dialect_.not_found)
                                : fmt::format("no rule of the {} Ingress{} {} takes the request: {} {}", count,
                                              count == 1 ? "" : "es", of_class, dialect_.name, dialect_.not_found);
    }
    if (dialect_.nothing != nullptr) dialect_.nothing(request_, path_, table_, out());
    list_candidates(nullptr);
  }

  static Candidate candidate_of(const IngressEntry& entry, const Match& match) {
    Candidate out;
    out.route = entry.ingress->meta.ref;
    if (!entry.is_default()) {
      out.rule = entry.rule;
      out.match = entry.path;
    }
    out.nearness = match.met;
    return out;
  }

  void list_candidates(const IngressEntry* winner) {
    std::vector<Candidate> near;
    for (const Looked& one : looked_) {
      if (one.entry == winner) continue;
      Candidate candidate = candidate_of(*one.entry, one.match);
      if (one.match.verdict == Verdict::no) {
        candidate.lost = one.match.failed;
        near.push_back(std::move(candidate));
        continue;
      }
      candidate.matched = one.match.verdict == Verdict::yes;
      candidate.lost =
          winner != nullptr ? dialect_.lost_by(*one.entry, *winner, table_) : "answered before any path is looked at";
      if (trace_.candidates.size() < most_matched) trace_.candidates.push_back(std::move(candidate));
    }
    list_dropped();
    keep_nearest(near);
    std::move(near.begin(), near.end(), std::back_inserter(trace_.candidates));
  }

  void list_dropped() {
    for (const IngressTable::Dropped& dropped : table_.dropped) {
      if (trace_.candidates.size() >= most_matched) return;
      const Match match = dialect_.match(dropped.entry, request_, path_, table_);
      if (match.verdict != Verdict::yes) continue;
      Candidate candidate = candidate_of(dropped.entry, match);
      candidate.matched = true;
      candidate.lost = dropped.why;
      trace_.candidates.push_back(std::move(candidate));
    }
  }

  void finish() {
    note_request(request_, path_, table_, out());
    if (!table_.unread.empty() && out().action != Action::unknown) {
      out().notes.push_back("not every Ingress of the class could be read: one of another namespace may go before");
    }
  }

  const Request& request_;
  const IngressTable& table_;
  const IngressDialect& dialect_;
  Trace trace_;
  std::string path_;
  std::vector<Looked> looked_;
  std::string balancer_;
  std::string addressed_;
  std::string first_;
  bool exact_ = false;
};

}  // namespace

void note_request(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) {
  for (const std::string_view note : table.dialect->notes) out.notes.emplace_back(note);
  if (std::string why; is_ambiguous(request.path, why) && path != request.path) {
    out.notes.push_back(fmt::format("{} matches the path as {} ({})", table.dialect->name, path, why));
  } else if (!why.empty()) {
    out.notes.push_back(fmt::format("controllers differ in what they make of the path: it has {}", why));
  }
  const std::int64_t usual = request.tls ? 443 : 80;
  if (request.port != usual && request.port != 0) {
    out.notes.push_back(
        fmt::format("Ingresses are served on ports 80 and 443 unless the controller is told otherwise; the request "
                    "goes to port {}",
                    request.port));
  }
}

Trace trace_ingress(const Question& question, const IngressTable& table) { return IngressTracer(question, table).run(); }

}  // namespace gwdoctor
