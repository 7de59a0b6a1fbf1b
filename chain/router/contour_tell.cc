// Where the outcome of one request at Contour 1.33 is not that of the Gateway API.

#include <fmt/format.h>

#include <algorithm>

#include "chain/hostname.h"
#include "chain/router/attached.h"
#include "chain/router/contour.h"
#include "chain/router/match.h"

namespace gwdoctor {

namespace {

using Verdict = MatchResult::Verdict;

std::string rule_of(const TableEntry& entry) { return fmt::format("rule {} of {}", entry.rule, entry.route->meta.ref.text()); }

std::string any_text(const std::string& host) { return host.empty() ? "any host" : host; }

bool same_rule(const TableEntry& left, const TableEntry& right) { return left.route == right.route && left.rule == right.rule; }

class Telling {
 public:
  Telling(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners, const TableLookup& lookup,
          const GatewayTable& table, Outcome& out)
      : request_(request),
        path_(path),
        listeners_(listeners),
        lookup_(lookup),
        table_(table),
        who_(fmt::format("{} {}", table.dialect.name, table.dialect.version)),
        out_(out) {}

  void run() {
    if (out_.action == Action::unknown) return;
    tell_final_dot();
    tell_listener();
    tell_hostname();
    tell_left_out();
    tell_conditions();
    tell_order();
  }

 private:
  const TableEntry& entry(const EntryAt& at) const { return table_.listeners[at.listener].entries[at.entry]; }
  const TableEntry* winner() const { return lookup_.winner ? &entry(*lookup_.winner) : nullptr; }
  void note(const std::string& text) {
    if (std::find(out_.notes.begin(), out_.notes.end(), text) == out_.notes.end()) out_.notes.push_back(text);
  }

  void tell_final_dot() {
    const std::string name = named_host(request_);
    if (!name.ends_with('.')) return;
    note(fmt::format("{} takes the final dot of Host for a part of it: {} is another host than {}", who_, name, request_.host));
  }

  // The listener that the Gateway API has the request belong to alone.
  void tell_listener() {
    const TableEntry* won = winner();
    if (won == nullptr) return;
    const TableListener& serves = table_.listeners[lookup_.winner->listener];
    const TableListener* meant = &serves;
    for (const TableListener& listener : table_.listeners) {
      const bool here =
          listener.usable && listener.spec.port == serves.spec.port && listener.spec.protocol == serves.spec.protocol;
      if (here && host_covered(listener.spec.hostname, request_.host) &&
          listener.spec.hostname.size() > meant->spec.hostname.size())
        meant = &listener;
    }
    if (meant == &serves) return;
    note(fmt::format(
        "{} searches the rules of all listeners of port {} together, where the Gateway API has {} ({}) alone take the "
        "request",
        who_, serves.spec.port, listener_text(*meant), meant->spec.hostname));
  }

  // A rule under a less specific hostname that the Gateway API would come to.
  void tell_hostname() {
    if (lookup_.winner || lookup_.matched.empty()) return;
    const TableEntry& next = entry(lookup_.matched.front());
    note(fmt::format(
        "{} looks only at the rules of the most specific hostname that fits, where the Gateway API goes on to {}: {} would "
        "take the request",
        who_, any_text(next.hostname), rule_of(next)));
  }

  bool concerns(const TableEntry& one) const {
    if (!host_covered(one.hostname, request_.host)) return false;
    const TableEntry* won = winner();
    return won == nullptr || (!same_rule(one, *won) && precedence(one, *won, gateway_dialect({})).first);
  }

  // Rules that Contour leaves out, and hostnames under which it does not serve a route, where the request would go there.
  void tell_left_out() {
    for (const std::size_t listener : listeners_) {
      for (const TableEntry& one : table_.listeners[listener].entries) {
        if (one.unserved.empty() || !concerns(one)) continue;
        if (check_entry(one, request_, path_, table_.dialect).verdict != Verdict::yes) continue;
        if (winner() != nullptr && winner()->route == one.route && winner()->rule == one.rule) continue;
        note(fmt::format("{} would take the request: {}", one.route->meta.ref.text(), one.unserved));
      }
    }
    for (const GatewayTable::Refused& refused : table_.refused) {
      if (refused.port != request_.port || refused.object == nullptr || !host_covered(refused.host, request_.host)) continue;
      if (winner() != nullptr && !more_specific(refused.host, winner()->hostname)) continue;
      const bool takes = std::any_of(refused.object->rules.begin(), refused.object->rules.end(), [&](const RouteRule& rule) {
        return std::any_of(rule.matches.begin(), rule.matches.end(), [&](const RouteMatch& match) {
          return check_match(match, refused.object->kind, request_, path_, table_.dialect).verdict == Verdict::yes;
        });
      });
      if (takes && (winner() == nullptr || winner()->route != refused.object))
        note(fmt::format("{} has a rule for the request: {}", refused.route.text(), refused.why));
    }
  }

  // Conditions that Contour reads in its own way, of the rule that serves and of those that would have served.
  void tell_conditions() {
    const GatewayDialect& spec = gateway_dialect({});
    for (const std::size_t listener : listeners_) {
      for (const TableEntry& one : table_.listeners[listener].entries) {
        if (one.route->kind != Kind::http_route || !one.unserved.empty()) continue;
        const bool won = winner() == &one;
        const RouteMatch& match = one.match_spec();
        if (match.headers.empty() && match.query.empty()) continue;
        if (!won && !concerns(one)) continue;
        const MatchCheck here = check_entry(one, request_, path_, table_.dialect);
        const MatchCheck there = check_match(match, one.route->kind, request_, path_, spec);
        if ((here.verdict == Verdict::yes) == (there.verdict == Verdict::yes)) continue;
        tell_condition(one, here.verdict == Verdict::yes ? there : here);
      }
    }
  }

  void tell_condition(const TableEntry& one, const MatchCheck& failed) {
    if (failed.part == MatchCheck::Part::header) {
      note(fmt::format(
          "{} compares each line of the header {} by itself with the match of {}, where the Gateway API has the lines "
          "joined by commas",
          who_, one.match_spec().headers[failed.index].name, rule_of(one)));
    } else if (failed.part == MatchCheck::Part::query && is_redirect_rule(one.rule_spec())) {
      note(fmt::format("{} redirects whatever the query is, where the Gateway API has {} wait for its queryParams", who_,
                       rule_of(one)));
    } else if (failed.part == MatchCheck::Part::query) {
      note(fmt::format("{} compares the query as it is sent, without decoding it, with the match of {}", who_, rule_of(one)));
    }
  }

  // Another rule that the Gateway API prefers.
  void tell_order() {
    const TableEntry* won = winner();
    if (won == nullptr) return;
    const GatewayDialect& spec = gateway_dialect({});
    const TableEntry* first = won;
    for (const EntryAt& at : lookup_.matched) {
      const TableEntry& other = entry(at);
      if (other.hostname != won->hostname || other.route->kind != won->route->kind) continue;
      const Precedence order = precedence(other, *first, spec);
      if (order.first && order.by != Criterion::regular_expression) first = &other;
    }
    if (same_rule(*first, *won)) return;
    note(fmt::format("{} has {} go before {} ({}), where the Gateway API has it the other way round ({})", who_, rule_of(*won),
                     rule_of(*first), lost_by(*first, *won, table_.dialect), lost_by(*won, *first, spec)));
  }

  const Request& request_;
  std::string_view path_;
  const std::vector<std::size_t>& listeners_;
  const TableLookup& lookup_;
  const GatewayTable& table_;
  std::string who_;
  Outcome& out_;
};

}  // namespace

void contour_tell(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
                  const TableLookup& lookup, const GatewayTable& table, Outcome& out) {
  Telling(request, path, listeners, lookup, table, out).run();
}

}  // namespace gwdoctor
