#include "chain/router/listener_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/hostname.h"
#include "chain/router/attached.h"
#include "chain/router/match.h"
#include "chain/router/search.h"

namespace gwdoctor {

namespace {

bool is_tls_protocol(const std::string& protocol) { return protocol == "HTTPS" || protocol == "TLS"; }

bool is_known_protocol(const std::string& protocol) {
  return protocol == "HTTP" || is_tls_protocol(protocol) || protocol == "TCP" || protocol == "UDP";
}

std::string host_text(const std::string& host) { return host.empty() ? "no name" : host; }

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t at = 0; at < words.size(); ++at) out += (at == 0 ? "" : ", ") + words[at];
  return out;
}

class Choosing {
 public:
  Choosing(const Request& request, const GatewayTable& table) : request_(request), table_(table) {
    for (std::size_t at = 0; at < table.listeners.size(); ++at) {
      const TableListener& listener = table.listeners[at];
      if (listener.spec.port != request.port) continue;
      (listener.usable ? on_port_ : unusable_).push_back(at);
    }
  }

  ListenerChoice run() {
    if (request_.scheme == "udp") {
      choose_plain("UDP");
    } else if (request_.scheme == "tls" || request_.scheme == "https") {
      choose_tls();
    } else if (request_.scheme == "http") {
      choose_http();
    } else {
      choose_plain("TCP");
    }
    if (choice_.tried.empty() && !choice_.action) nothing();
    return std::move(choice_);
  }

 private:
  const TableListener& at(std::size_t index) const { return table_.listeners[index]; }

  // Those on the port with the protocol, the most specific hostname first.
  std::vector<std::size_t> with(bool (*protocol)(const std::string&)) const {
    std::vector<std::size_t> out;
    for (const std::size_t index : on_port_) {
      if (protocol(at(index).spec.protocol)) out.push_back(index);
    }
    std::stable_sort(out.begin(), out.end(), [&](std::size_t left, std::size_t right) {
      return more_specific(at(left).spec.hostname, at(right).spec.hostname);
    });
    return out;
  }

  static std::vector<std::size_t> covering(const std::vector<std::size_t>& all, const std::string& host,
                                           const GatewayTable& table) {
    std::vector<std::size_t> out;
    for (const std::size_t index : all) {
      if (host_covered(table.listeners[index].spec.hostname, host)) out.push_back(index);
    }
    return out;
  }

  void choose_plain(std::string_view protocol) {
    for (const std::size_t index : on_port_) {
      const std::string& spoken = at(index).spec.protocol;
      if (spoken != protocol) continue;
      choice_.tried = {index};
      choice_.stream = true;
      return;
    }
  }

  void choose_http() {
    const auto all = with([](const std::string& protocol) { return protocol == "HTTP"; });
    const auto found = covering(all, request_.host, table_);
    if (table_.dialect.host_scope == HostScope::port) {
      if (const auto together = serving(all, request_.host); !together.empty()) {
        choice_.tried = together;
        return;
      }
    }
    if (!found.empty()) return try_in_order(found);
    if (!all.empty()) return no_host(all, request_.host, "Host");
    // An HTTP request is a TCP stream like any other.
    choose_plain("TCP");
    if (!choice_.tried.empty()) choice_.notes.push_back("the listener takes TCP: it carries the request on without reading it");
  }

  // Those that serve rules in the virtual host of `host`, where it is one of the whole port.
  std::vector<std::size_t> serving(const std::vector<std::size_t>& all, const std::string& host) const {
    std::vector<std::size_t> out;
    const std::optional<std::string> chosen = served_hostname(host, all, table_);
    for (const std::size_t index : all) {
      const std::vector<TableEntry>& entries = at(index).entries;
      const bool has = chosen && std::any_of(entries.begin(), entries.end(), [&](const TableEntry& entry) {
                         return entry.unserved.empty() && entry.hostname == *chosen;
                       });
      if (has) out.push_back(index);
    }
    return out;
  }

  void try_in_order(const std::vector<std::size_t>& found) {
    choice_.tried = table_.dialect.isolates_listeners ? std::vector<std::size_t>{found.front()} : found;
  }

  // Listener.hostname: the SNI chooses the listener; an address sends none (RFC 6066, 3) and meets one without hostname.
  void choose_tls() {
    const auto all = with(is_tls_protocol);
    const auto found = covering(all, request_.sni, table_);
    if (found.empty()) {
      if (!all.empty()) return no_sni(all);
      choose_plain("TCP");
      if (!choice_.tried.empty()) choice_.notes.push_back("the listener takes TCP: the TLS handshake is the backend's affair");
      return;
    }
    const std::size_t chosen = found.front();
    if (at(chosen).spec.protocol == "TLS") {
      choice_.tried = {chosen};
      choice_.stream = true;
      return;
    }
    if (request_.scheme == "tls") {
      choice_.action = Action::reject;
      choice_.reason =
          fmt::format("{} takes HTTPS: after the TLS handshake it expects HTTP, not another protocol", listener_text(at(chosen)));
      choice_.tried = {chosen};
      return;
    }
    if (table_.dialect.host_scope == HostScope::port) return check_sni(chosen);
    check_authority(chosen, found);
  }

  // A TLS server for each hostname under which anything is served, and for no other.
  void check_sni(std::size_t chosen) {
    const auto https = with([](const std::string& protocol) { return protocol == "HTTPS"; });
    choice_.tried = serving(https, request_.sni);
    if (choice_.tried.empty()) {
      choice_.tried = {chosen};
      choice_.action = Action::unreachable;
      choice_.reason = fmt::format(
          "the TLS handshake fails: {} {} has no TLS server for {} (SNI) while no rule is served under it; {} has "
          "that hostname, and the Gateway API has it answer 404",
          table_.dialect.name, table_.dialect.version, host_text(request_.sni), listener_text(at(chosen)));
      return;
    }
    if (!table_.dialect.host_must_be_sni || request_.sni.empty() || request_.host == request_.sni) return;
    misplaced();
  }

  void misplaced() {
    choice_.action = Action::reject;
    choice_.status = 421;
    choice_.reason = fmt::format("the TLS connection is for {}, and {} takes no other Host on it: {} is misdirected",
                                 request_.sni, table_.dialect.name, request_.host);
  }

  // Listener.hostname: the Host of a request is compared with the listeners of its port once more.
  void check_authority(std::size_t chosen, const std::vector<std::size_t>& by_sni) {
    const auto https = with([](const std::string& protocol) { return protocol == "HTTPS"; });
    const auto by_host = covering(https, request_.host, table_);
    choice_.tried = {chosen};
    if (table_.dialect.host_must_be_sni && !request_.sni.empty() && request_.host != request_.sni) return misplaced();
    if (!by_host.empty() && by_host.front() == chosen) {
      if (!table_.dialect.isolates_listeners) {
        choice_.tried.clear();
        for (const std::size_t index : by_sni) {
          if (at(index).spec.protocol == "HTTPS" && host_covered(at(index).spec.hostname, request_.host))
            choice_.tried.push_back(index);
        }
      }
      return;
    }
    if (by_host.empty()) {
      choice_.action = Action::not_found;
      choice_.status = 404;
      choice_.reason = fmt::format("no HTTPS listener on port {} serves Host {}; the TLS connection is for {} ({})",
                                   request_.port, request_.host, host_text(request_.sni), listener_text(at(chosen)));
      return;
    }
    misdirected(chosen, by_host.front());
  }

  void misdirected(std::size_t chosen, std::size_t meant) {
    const std::string words = fmt::format("the TLS connection for {} belongs to {}, and Host {} to {}", host_text(request_.sni),
                                          listener_text(at(chosen)), request_.host, listener_text(at(meant)));
    if (table_.dialect.detects_misdirected) {
      choice_.action = Action::reject;
      choice_.status = 421;
      choice_.reason = words + ": the request is misdirected";
      return;
    }
    const std::string who = table_.dialect.name.empty() ? "an implementation that does not" : std::string(table_.dialect.name);
    choice_.notes.push_back(
        fmt::format("{}: the Gateway API has it answered with 421 (Misdirected Request); {} routes it by its Host "
                    "within the listener of the connection",
                    words, who));
  }

  void no_host(const std::vector<std::size_t>& all, const std::string& host, std::string_view what) {
    choice_.action = Action::not_found;
    choice_.status = 404;
    choice_.reason =
        fmt::format("no listener on port {} serves {} {}: {}", request_.port, what, host.empty() ? "\"\"" : host, names(all));
  }

  void no_sni(const std::vector<std::size_t>& all) {
    choice_.action = Action::unreachable;
    choice_.reason = request_.sni.empty()
                         ? fmt::format(
                               "the TLS handshake fails: the client sends no name (SNI) for an address, and every TLS "
                               "listener on port {} has a hostname: {}",
                               request_.port, names(all))
                         : fmt::format("the TLS handshake fails: no TLS listener on port {} serves {} (SNI): {}", request_.port,
                                       request_.sni, names(all));
  }

  // "https (*.shop.example), admin (admin.example)".
  std::string names(const std::vector<std::size_t>& all) const {
    std::vector<std::string> words;
    for (const std::size_t index : all) {
      if (words.size() == 5 && all.size() > 6) {
        words.push_back(fmt::format("and {} more", all.size() - words.size()));
        break;
      }
      words.push_back(fmt::format("{} ({})", listener_text(at(index)), at(index).spec.hostname));
    }
    return join(words);
  }

  void nothing() {
    choice_.action = Action::unreachable;
    for (const std::size_t index : on_port_) {
      if (is_known_protocol(at(index).spec.protocol)) continue;
      choice_.action = Action::unknown;
      choice_.reason = fmt::format("{} is of protocol {}, which the Gateway API leaves to the implementation",
                                   listener_text(at(index)), at(index).spec.protocol);
      return;
    }
    if (!on_port_.empty()) {
      const TableListener& other = at(on_port_.front());
      choice_.reason = fmt::format("port {} of {} speaks {} ({}), not {}", request_.port, table_.gateway.text(),
                                   other.spec.protocol, listener_text(other), request_.scheme);
    } else if (!unusable_.empty()) {
      choice_.reason = fmt::format("{} on port {} is not served: {}", listener_text(at(unusable_.front())), request_.port,
                                   why_unusable(at(unusable_.front())));
    } else {
      choice_.reason = fmt::format("{} has no listener on port {}{}", table_.gateway.text(), request_.port, ports());
    }
  }

  static std::string why_unusable(const TableListener& listener) {
    const Condition* accepted = listener.status ? condition(listener.status->conditions, "Accepted") : nullptr;
    if (accepted != nullptr && accepted->status == Condition::Status::is_false)
      return fmt::format("Accepted is False, {}", accepted->message.empty() ? accepted->reason : accepted->message);
    return "it conflicts with another listener of the same port";
  }

  std::string ports() const {
    std::vector<std::string> words;
    for (const TableListener& listener : table_.listeners) {
      std::string word = fmt::format("{} ({})", listener.spec.port, listener.spec.protocol);
      if (std::find(words.begin(), words.end(), word) == words.end() && words.size() < 8) words.push_back(std::move(word));
    }
    return words.empty() ? "" : "; its ports are " + join(words);
  }

  const Request& request_;
  const GatewayTable& table_;
  std::vector<std::size_t> on_port_;
  std::vector<std::size_t> unusable_;
  ListenerChoice choice_;
};

}  // namespace

ListenerChoice choose_listener(const Request& request, const GatewayTable& table) { return Choosing(request, table).run(); }

}  // namespace gwdoctor
