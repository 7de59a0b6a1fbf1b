#include <fmt/format.h>

#include <algorithm>

#include "chain/router/attached.h"
#include "chain/router/filters.h"
#include "chain/router/listener_choice.h"
#include "chain/router/search.h"

namespace gwdoctor {

namespace {

constexpr std::int64_t bad_request = 400;
constexpr std::int64_t not_found = 404;
constexpr std::int64_t temporary_redirect = 307;

// "GET /v3", "the call /pkg.Service/Method".
std::string request_text(const Request& request) {
  return request.grpc ? "the call " + request.path : fmt::format("{} {}", request.method, request.path);
}

std::string entry_text(const TableEntry& entry) { return fmt::format("rule {} of {}", entry.rule, entry.route->meta.ref.text()); }

std::string implementation(const GatewayDialect& dialect) {
  return dialect.name.empty() ? "this implementation" : std::string(dialect.name);
}

// The request as this implementation reads it.
Request as_matched(const Request& request, const GatewayDialect& dialect) {
  Request out = request;
  if (dialect.keeps_final_dot && named_host(request).ends_with('.')) out.host += '.';
  return out;
}

bool takes_method(const Request& request, const GatewayDialect& dialect) {
  if (dialect.methods.empty() || request.tls || request.grpc) return true;
  return std::find(dialect.methods.begin(), dialect.methods.end(), request.method) != dialect.methods.end();
}

class Tracing {
 public:
  Tracing(const Request& request, const GatewayTable& table) : request_(as_matched(request, table.dialect)), table_(table) {
    trace_.request = request;
    trace_.unread = table.unread;
    out_.gateway = table.gateway;
  }

  Trace run() {
    ListenerChoice choice = choose_listener(request_, table_);
    out_.notes = choice.notes;
    tried_ = choice.tried;
    if (!tried_.empty()) name_listener(tried_.front());
    add_status_notes();
    if (choice.action) {
      out_.action = *choice.action;
      out_.status = choice.status;
      out_.reason = choice.reason;
      if (out_.action == Action::not_found && request_.grpc) out_.grpc_status = "UNIMPLEMENTED";
      trace_.candidates = account(request_, request_.path, {}, {}, table_);
    } else if (choice.stream) {
      const Route* taker = trace_stream(request_, tried_.front(), table_, out_);
      trace_.candidates = account_streams(request_, taker, tried_, table_);
    } else {
      trace_http();
    }
    temper_by_unread();
    trace_.outcome = std::move(out_);
    return std::move(trace_);
  }

 private:
  const TableEntry& entry(const EntryAt& at) const { return table_.listeners[at.listener].entries[at.entry]; }

  void name_listener(std::size_t at) {
    out_.listener = table_.listeners[at].spec.name;
    out_.listener_owner = table_.listeners[at].owner;
  }

  void trace_http() {
    const TreatedPath treated =
        table_.dialect.path_known ? treat(request_.path, table_.dialect.path) : TreatedPath{request_.path, false, false};
    if (!takes_method(request_, table_.dialect)) return refuse_method();
    if (treated.rejected) return answer_path(Action::reject, bad_request, "refuses the path");
    if (treated.redirected) {
      const TableListener& listener = table_.listeners[tried_.front()];
      out_.redirect = RedirectTarget{request_.scheme, request_.host, listener.spec.port,
                                     treated.path + (request_.query.empty() ? "" : "?" + request_.query)};
      out_.location = out_.redirect->path;
      return answer_path(Action::redirect, temporary_redirect, "redirects to the path without its escaped slashes");
    }
    path_ = treated.path;
    const TableLookup lookup = look_up(request_, path_, tried_, table_);
    trace_.candidates = account(request_, path_, tried_, lookup, table_);
    decide(lookup);
    add_path_note(lookup);
    add_deviations(lookup);
    if (table_.dialect.tell != nullptr) table_.dialect.tell(trace_.request, path_, tried_, lookup, table_, out_);
  }

  // Deviations are of the order among hostnames: told where a match under another hostname lost.
  void add_deviations(const TableLookup& lookup) {
    if (!lookup.winner) return;
    const bool concerned = std::any_of(lookup.matched.begin(), lookup.matched.end(),
                                       [&](const EntryAt& at) { return entry(at).hostname != entry(*lookup.winner).hostname; });
    if (!concerned) return;
    for (const std::string_view deviation : table_.dialect.deviations) out_.notes.emplace_back(deviation);
  }

  void answer_path(Action action, std::int64_t status, std::string_view what) {
    out_.action = action;
    out_.status = status;
    out_.reason = fmt::format("{} {} {}", implementation(table_.dialect), what, request_.path);
  }

  void refuse_method() {
    out_.action = Action::reject;
    out_.status = bad_request;
    out_.reason = fmt::format("{} knows no method {}", implementation(table_.dialect), request_.method);
  }

  // Who takes the request is chance: between this entry and another, or whether this one is there at all.
  bool tell_chance(const TableLookup& lookup, const TableEntry& winner) {
    const std::string who = fmt::format("{} {}", implementation(table_.dialect), table_.dialect.version);
    if (!winner.by_chance.empty()) {
      out_.reason = fmt::format("{} would take {}, but whether it is there is chance: {}", entry_text(winner),
                                request_text(request_), winner.by_chance);
    }
    for (const EntryAt& at : lookup.matched) {
      const TableEntry& other = entry(at);
      if (!out_.reason.empty() || other.hostname != winner.hostname) continue;
      if (other.route == winner.route && other.rule == winner.rule) continue;
      if (precedence(winner, other, table_.dialect).by != Criterion::chance) continue;
      out_.reason = fmt::format(
          "{} and {} both take {}, and which of them goes first in {} is chance: it may change whenever the "
          "table is built anew",
          entry_text(winner), entry_text(other), request_text(request_), who);
    }
    if (out_.reason.empty()) return false;
    out_.action = Action::unknown;
    return true;
  }

  void decide(const TableLookup& lookup) {
    if (lookup.unsure) return cannot_tell(lookup);
    if (!lookup.winner) return nothing_matches(lookup);
    const TableEntry& winner = entry(*lookup.winner);
    if (const TableEntry* rival = other_by_regex_order(lookup)) {
      out_.action = Action::unknown;
      out_.reason = fmt::format(
          "{} and {} both take {}; which goes first is up to the implementation, as one is a "
          "RegularExpression, and is not known of {}",
          entry_text(winner), entry_text(*rival), request_text(request_), implementation(table_.dialect));
      return;
    }
    if (tell_chance(lookup, winner)) return;
    serve(*lookup.winner);
    note_partial(winner);
    note_mixed_kinds(lookup);
  }

  void serve(const EntryAt& at) {
    const TableEntry& winner = entry(at);
    const TableListener& listener = table_.listeners[at.listener];
    name_listener(at.listener);
    out_.hostname = winner.hostname;
    out_.route = winner.route->meta.ref;
    out_.rule = winner.rule;
    out_.match = winner.match;
    out_.field = winner.match_spec().path_in_document.empty() ? winner.rule_spec().path : winner.match_spec().path_in_document;
    apply_rule(winner, request_, path_, listener.spec.port, listener.spec.protocol == "HTTPS", table_.dialect, out_);
  }

  void cannot_tell(const TableLookup& lookup) {
    const TableEntry& unsure = entry(*lookup.unsure);
    const MatchCheck check = check_entry(unsure, request_, path_, table_.dialect);
    out_.action = Action::unknown;
    out_.reason = fmt::format("whether {} takes it cannot be told: {}", entry_text(unsure),
                              words_for(check, unsure.match_spec(), request_, path_, table_.dialect));
    if (lookup.winner)
      out_.notes.push_back(fmt::format("if it does not, {} takes the request", entry_text(entry(*lookup.winner))));
  }

  void nothing_matches(const TableLookup& lookup) {
    out_.action = Action::not_found;
    out_.status = not_found;
    if (request_.grpc) out_.grpc_status = "UNIMPLEMENTED";
    const std::string listener = listener_text(table_.listeners[tried_.front()]);
    const bool empty =
        std::all_of(tried_.begin(), tried_.end(), [&](std::size_t at) { return table_.listeners[at].entries.empty(); });
    if (empty) {
      out_.reason = "no route is attached to " + listener;
    } else if (!lookup.host_served) {
      out_.reason = fmt::format("no route on {} serves host {}", listener, request_.host);
    } else {
      out_.reason = fmt::format("no rule of the routes on {} takes {}", listener, request_text(request_));
    }
  }

  // The match that goes first under another order of regular expressions, where the dialect's is not known and it matters.
  const TableEntry* other_by_regex_order(const TableLookup& lookup) const {
    if (table_.dialect.regex_known) return nullptr;
    const TableEntry& winner = entry(*lookup.winner);
    for (const RegexOrder order : {RegexOrder::after_prefix, RegexOrder::before_prefix, RegexOrder::by_length}) {
      GatewayDialect dialect = table_.dialect;
      dialect.regex_order = order;
      const TableEntry* first = &winner;
      for (const EntryAt& at : lookup.matched) {
        const TableEntry& other = entry(at);
        if (at.listener != lookup.winner->listener || other.hostname != winner.hostname) continue;
        if (precedence(other, *first, dialect).first) first = &other;
      }
      if (first->route != winner.route || first->rule != winner.rule) return first;
    }
    return nullptr;
  }

  // What data planes do before they match decides who serves such a path; told where it is not known of this one.
  void add_path_note(const TableLookup& lookup) {
    std::string why;
    if (table_.dialect.path_known || !is_ambiguous(request_.path, why)) return;
    PathTreatment usual;
    usual.escapes = PathTreatment::Escapes::unreserved;
    usual.dot_segments = true;
    usual.merge_slashes = true;
    const TreatedPath treated = treat(request_.path, usual);
    const TableLookup other = treated.rejected ? TableLookup{} : look_up(request_, treated.path, tried_, table_);
    const auto text = [&](const TableLookup& found) {
      return found.winner ? entry_text(entry(*found.winner)) + " takes it" : std::string("no rule takes it");
    };
    const std::string as_sent = text(lookup);
    const std::string cleaned = treated.rejected ? "it is refused with 400" : text(other);
    if (as_sent == cleaned) return;
    out_.notes.push_back(fmt::format("the path has {}: as it stands, {}; made {}, {}; which of the two {} does is not known", why,
                                     as_sent, treated.rejected ? "normal" : treated.path, cleaned,
                                     implementation(table_.dialect)));
  }

  // RouteConditionPartiallyInvalid: some rules of the route are not served, and not always is it said which.
  void note_partial(const TableEntry& winner) {
    for (const RouteParentStatus& status : winner.route->parent_status) {
      if (!names_gateway(status.parent, table_)) continue;
      const Condition* partial = current_condition(status.conditions, "PartiallyInvalid", winner.route->meta);
      if (partial == nullptr || partial->status != Condition::Status::is_true) continue;
      out_.notes.push_back(fmt::format("{} says that some rules of {} are invalid: {}", status.controller_name,
                                       winner.route->meta.ref.text(), partial->message));
      return;
    }
  }

  void note_mixed_kinds(const TableLookup& lookup) {
    const TableEntry& winner = entry(*lookup.winner);
    for (const EntryAt& at : lookup.matched) {
      const TableEntry& other = entry(at);
      if (other.route->kind == winner.route->kind || at.listener != lookup.winner->listener) continue;
      out_.notes.push_back(
          fmt::format("{} takes it as well: the Gateway API has only the older of an HTTPRoute and a GRPCRoute with "
                      "a hostname in common accepted, and {} accepted both",
                      other.route->meta.ref.text(), implementation(table_.dialect)));
      return;
    }
  }

  // What the controller says against the prediction.
  void add_status_notes() {
    if (table_.object) {
      for (const std::string_view type : {"Accepted", "Programmed"})
        note_false(table_.object->conditions, type, table_.object->meta, table_.gateway.text());
    }
    if (tried_.empty()) return;
    const TableListener& listener = table_.listeners[tried_.front()];
    const Meta owner = table_.object && listener.owner == table_.gateway ? table_.object->meta : Meta{};
    if (listener.status) note_false(listener.status->conditions, "Programmed", owner, listener_text(listener));
  }

  void note_false(const Conditions& conditions, std::string_view type, const Meta& meta, const std::string& what) {
    if (meta.settling) return;
    const Condition* found = current_condition(conditions, type, meta);
    if (found == nullptr || found->status != Condition::Status::is_false) return;
    out_.notes.push_back(fmt::format("the controller says of {}: {} is False, {}", what, type,
                                     found->message.empty() ? found->reason : found->message));
  }

  // A route that could not be read, or whose namespace could not, may serve what no other does.
  void temper_by_unread() {
    const bool routes = std::any_of(trace_.unread.begin(), trace_.unread.end(), [](const Unread& one) {
      return is_route(one.wish.kind) || one.wish.kind == Kind::listener_set || one.wish.kind == Kind::name_space;
    });
    const bool missing = out_.action == Action::not_found || out_.action == Action::unreachable ||
                         (out_.action == Action::reject && out_.route.name.empty() && out_.status != 421);
    if (!routes || !missing) return;
    out_.action = Action::unknown;
    out_.status.reset();
    out_.grpc_status.clear();
    out_.reason += ", as far as routes could be read";
  }

  const Request request_;
  const GatewayTable& table_;
  std::vector<std::size_t> tried_;
  std::string path_;
  Outcome out_;
  Trace trace_;
};

}  // namespace

Trace trace_gateway(const Question& question, const GatewayTable& table) { return Tracing(question.request, table).run(); }

}  // namespace gwdoctor
