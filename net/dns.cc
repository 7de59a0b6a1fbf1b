#include "net/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <mutex>

#include "kube/ascii.h"
#include "kube/clean.h"
#include "net/dns_answer.h"
#include "net/drive.h"
#include "net/hosts_file.h"
#include "net/tcp.h"

namespace gwdoctor {

namespace {

constexpr int internet = 1;              // the class IN
constexpr std::size_t most_servers = 3;  // of resolv.conf, as glibc (MAXNS)

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
}

struct Destroy {
  void operator()(ares_channel channel) const { ares_destroy(channel); }
};
using Channel = std::unique_ptr<ares_channeldata, Destroy>;

// A channel to one server. c-ares sends twice, the second time waiting twice as long.
Channel open_channel(const std::string& server, std::chrono::milliseconds patience) {
  ares_options options{};
  // The answers are judged here, REFUSED and SERVFAIL included, and the name is asked for as it stands.
  options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = std::max(1, static_cast<int>(patience.count() / 3));
  options.tries = 2;
  ares_channel raw = nullptr;
  if (ares_init_options(&raw, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS) return nullptr;
  Channel channel(raw);
  if (ares_set_servers_ports_csv(raw, server.c_str()) != ARES_SUCCESS) return nullptr;
  return channel;
}

std::string server_text(const ares_addr_port_node& node) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(node.family, &node.addr, text.data(), text.size()) == nullptr) return {};
  const int port = node.udp_port == 0 ? 53 : node.udp_port;
  return node.family == AF_INET6 ? fmt::format("[{}]:{}", text.data(), port) : fmt::format("{}:{}", text.data(), port);
}

std::vector<std::string> system_servers() {
  std::vector<std::string> out;
  ares_channel raw = nullptr;
  if (ares_init(&raw) != ARES_SUCCESS) return out;
  const Channel channel(raw);
  ares_addr_port_node* nodes = nullptr;
  if (ares_get_servers_ports(raw, &nodes) != ARES_SUCCESS) return out;
  for (const ares_addr_port_node* node = nodes; node != nullptr && out.size() < most_servers; node = node->next) {
    const std::string text = server_text(*node);
    if (!text.empty()) out.push_back(text);
  }
  ares_free_data(nodes);
  return out;
}

class Asker;

// One type of one name. It goes from server to server while they fail.
struct Query {
  Asker* asker = nullptr;
  std::string name;
  int type = 0;
  std::vector<std::string> servers;
  std::size_t at = 0;  // of servers
  bool done = false;
  DnsFamily family;
  std::vector<DnsAlias> aliases;
  std::int64_t milliseconds = 0;
};

class Asker {
 public:
  Asker(const Patience& patience, Clock::time_point deadline) : patience_(patience), deadline_(deadline) {}

  void run(std::vector<Query>& queries) {
    for (Query& query : queries) {
      query.asker = this;
      ready_.push_back(&query);
    }
    const auto open = [&] { return std::any_of(queries.begin(), queries.end(), [](const Query& one) { return !one.done; }); };
    while (true) {
      send_ready();
      if (!open()) return;
      if (patience_.is_over() || Clock::now() >= deadline_) break;
      wait();
    }
    const bool late = !patience_.is_over();
    for (Query& query : queries) {
      if (!query.done) finish(query, late ? silent() : DnsFamily{DnsStatus::error, {}, "interrupted"});
    }
    over_ = true;
    channels_.clear();  // calls back for what is still under way
  }

 private:
  static DnsFamily silent() { return {DnsStatus::timeout, {}, "no answer in time"}; }

  void finish(Query& query, DnsFamily family) {
    query.family = std::move(family);
    query.done = true;
    query.milliseconds = milliseconds_since(start_);
  }

  void send_ready() {
    // Sending may fail at once, and so make a query ready again.
    while (!ready_.empty()) {
      Query& query = *ready_.back();
      ready_.pop_back();
      send(query);
    }
  }

  void send(Query& query) {
    const std::string& server = query.servers[query.at];
    Channel& channel = channels_[server];
    const auto share = patience_.timeout / static_cast<int>(query.servers.size());
    if (!channel) channel = open_channel(server, share);
    if (!channel) return finish(query, {DnsStatus::error, {}, "cannot ask " + clean_line(server, 80)});
    // It gives every packet its own unguessable number, and brings the packet of the answer whatever its code.
    ares_query(channel.get(), query.name.c_str(), internet, query.type, &Asker::answered, &query);
  }

  static void answered(void* context, int status, int, unsigned char* bytes, int size) {
    Query& query = *static_cast<Query*>(context);
    Asker& asker = *query.asker;
    if (query.done || asker.over_) return;
    const DnsFamily family = asker.judge(query, status, bytes, size);
    const bool final =
        family.status == DnsStatus::ok || family.status == DnsStatus::nxdomain || family.status == DnsStatus::empty;
    if (final || query.at + 1 >= query.servers.size()) return asker.finish(query, family);
    ++query.at;
    asker.ready_.push_back(&query);
  }

  DnsFamily judge(Query& query, int status, const unsigned char* bytes, int size) {
    if (status == ARES_ETIMEOUT) return silent();
    if (status == ARES_ECONNREFUSED)
      return {DnsStatus::error, {}, "nobody listens at " + query.servers[query.at] + " (connection refused)"};
    if (bytes == nullptr || size <= 0) return {DnsStatus::error, {}, clean_line(ares_strerror(status), 120)};
    const auto message = decode_dns({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    if (!message) return {DnsStatus::error, {}, "the answer is no DNS message"};
    return family_of(*message, query.name, query.type, query.aliases);
  }

  // Until a socket is ready or a timer of c-ares is over.
  void wait() {
    std::vector<pollfd> sockets;
    std::vector<ares_channel> owners;
    auto limit = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    limit = std::clamp<std::int64_t>(limit, 0, longest_poll);
    for (const auto& [server, channel] : channels_) {
      std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> raw{};
      const auto bits = static_cast<unsigned>(ares_getsock(channel.get(), raw.data(), static_cast<int>(raw.size())));
      for (unsigned at = 0; at < raw.size(); ++at) {
        const bool reads = (bits >> at & 1U) != 0;
        const bool writes = (bits >> (at + ARES_GETSOCK_MAXNUM) & 1U) != 0;
        if (!reads && !writes) continue;
        sockets.push_back({raw[at], static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0});
        owners.push_back(channel.get());
      }
      timeval most{0, static_cast<suseconds_t>(limit * 1000)};
      timeval own{};
      const timeval* next = ares_timeout(channel.get(), &most, &own);
      if (next != nullptr) limit = std::min<std::int64_t>(limit, next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
    }
    if (::poll(sockets.data(), sockets.size(), static_cast<int>(limit)) < 0) return;
    for (std::size_t at = 0; at < sockets.size(); ++at) {
      const short events = sockets[at].revents;
      const bool reads = (events & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writes = (events & POLLOUT) != 0;
      if (reads || writes)
        ares_process_fd(owners[at], reads ? sockets[at].fd : ARES_SOCKET_BAD, writes ? sockets[at].fd : ARES_SOCKET_BAD);
    }
    for (const auto& [server, channel] : channels_) ares_process_fd(channel.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  }

  const Patience& patience_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point deadline_;
  bool over_ = false;
  std::vector<Query*> ready_;
  std::map<std::string, Channel> channels_;
};

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  while (true) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view label = name.substr(0, dot);
    const bool clean = std::all_of(label.begin(), label.end(), [](char letter) {
      return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
    });
    if (label.empty() || label.size() > 63 || !clean) return false;
    if (dot == name.size()) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string plain_name(std::string_view name) {
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  return lower_case(name);
}

// What both types say about the question; the aliases are those of A, or of AAAA where A failed.
void take(const Query& query, DnsAnswer& answer) {
  (query.type == dns_a ? answer.a : answer.aaaa) = query.family;
  if (answer.aliases.empty()) answer.aliases = query.aliases;
  if (query.type == dns_a || answer.server.empty()) answer.server = query.servers[query.at];
  answer.milliseconds = std::max(answer.milliseconds, query.milliseconds);
}

std::vector<std::string> servers_of(const DnsQuestion& question, const std::vector<std::string>& system) {
  if (question.server.empty()) return system;
  const std::string server = dns_server_address(question.server);
  return server.empty() ? std::vector<std::string>{} : std::vector<std::string>{server};
}

}  // namespace

std::string dns_server_address(const std::string& text) {
  std::string address = text;
  std::string port = "53";
  const std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string::npos || (end + 1 < text.size() && text[end + 1] != ':')) return {};
    address = text.substr(1, end - 1);
    if (end + 1 < text.size()) port = text.substr(end + 2);
  } else if (colon != std::string::npos && text.find(':') == colon) {
    address = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  int number = 0;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (problem != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) return {};
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return fmt::format("{}:{}", address, number);
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return fmt::format("[{}]:{}", address, number);
  return {};
}

std::vector<DnsAnswer> ask_dns(const std::vector<DnsQuestion>& questions, const DnsOptions& options) {
  start_library();
  const bool asks_system = std::any_of(questions.begin(), questions.end(), [](const auto& one) { return one.server.empty(); });
  const std::vector<std::string> system = asks_system ? system_servers() : std::vector<std::string>();
  const std::string hosts = asks_system ? read_hosts_file(options.hosts_path) : std::string();
  std::vector<DnsAnswer> answers;
  std::vector<Query> queries;
  std::vector<std::size_t> owners;
  for (std::size_t at = 0; at < questions.size(); ++at) {
    DnsAnswer answer;
    answer.observed.at = observation_time();
    answer.name = plain_name(questions[at].name);
    if (questions[at].server.empty()) {
      HostsEntry entry = find_in_hosts(hosts, answer.name);
      answer.hosts_entry = std::move(entry.line);
      answer.hosts_addresses = std::move(entry.addresses);
    }
    const std::vector<std::string> servers = servers_of(questions[at], system);
    const bool named = is_dns_name(answer.name);
    if (!named || servers.empty()) {
      answer.a.detail = answer.aaaa.detail = !named ? "this is no name that DNS can carry" : "there is no DNS server to ask";
    } else {
      for (const int type : {dns_a, dns_aaaa}) {
        queries.push_back({nullptr, answer.name, type, servers, 0, false, {}, {}, 0});
        owners.push_back(at);
      }
    }
    answers.push_back(std::move(answer));
  }
  Asker(options.patience, Clock::now() + options.patience.timeout).run(queries);
  for (std::size_t at = 0; at < queries.size(); ++at) take(queries[at], answers[owners[at]]);
  return answers;
}

}  // namespace gwdoctor
