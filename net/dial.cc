#include "net/dial.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace gwdoctor {

namespace {

// Fills in the address; its size, or 0 where the text is no address.
socklen_t fill_address(const std::string& text, std::int64_t port, sockaddr_storage& out) {
  const auto number = htons(static_cast<std::uint16_t>(port));
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = number;
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out);
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = number;
    return sizeof *v6;
  }
  return 0;
}

}  // namespace

TcpResult tcp_result_of(int problem) {
  switch (problem) {
    case 0:
      return TcpResult::connected;
    case ECONNREFUSED:
      return TcpResult::refused;
    case ETIMEDOUT:
      return TcpResult::timeout;
    case ECONNRESET:
    case EPIPE:
      return TcpResult::reset;
    case EHOSTUNREACH:
    case EHOSTDOWN:
      return TcpResult::unreachable;
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return TcpResult::no_route;
    default:
      return TcpResult::error;
  }
}

std::string problem_text(int problem) {
  std::string out = std::generic_category().message(problem);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

Dial::~Dial() { close(); }

Dial::Dial(Dial&& other) noexcept
    : address_(std::move(other.address_)),
      port_(other.port_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      finished_(other.finished_),
      result_(other.result_),
      detail_(std::move(other.detail_)),
      start_(other.start_),
      deadline_(other.deadline_),
      milliseconds_(other.milliseconds_) {}

void Dial::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void Dial::end(TcpResult result, std::string detail) {
  finished_ = true;
  result_ = result;
  detail_ = std::move(detail);
  milliseconds_ = milliseconds_since(start_);
  if (result != TcpResult::connected) close();
}

void Dial::fail_with(int problem) { end(tcp_result_of(problem), problem_text(problem)); }

void Dial::expire() { end(TcpResult::timeout, "no answer after " + std::to_string(milliseconds_since(start_)) + " ms"); }

void Dial::start(std::chrono::milliseconds timeout) {
  start_ = Clock::now();
  deadline_ = start_ + timeout;
  sockaddr_storage address{};
  const socklen_t size = fill_address(address_, port_, address);
  if (size == 0) return end(TcpResult::error, "\"" + address_ + "\" is no IP address");
  if (port_ < 1 || port_ > 65535) return end(TcpResult::error, std::to_string(port_) + " is no port");
  descriptor_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor_ < 0) return fail_with(errno);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) == 0) return end(TcpResult::connected, {});
  if (errno != EINPROGRESS) fail_with(errno);
}

void Dial::advance() {
  pollfd ready{descriptor_, POLLOUT, 0};
  if (::poll(&ready, 1, 0) <= 0) return;
  int problem = 0;
  socklen_t size = sizeof problem;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) problem = errno;
  if (problem != 0) return fail_with(problem);
  end(TcpResult::connected, {});
}

}  // namespace gwdoctor
