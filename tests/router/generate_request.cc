// What requests to Gateways and to Ingresses have in common.

#include <algorithm>

#include "tests/router/generate.h"

namespace gwdoctor {

namespace {

char other_case(char letter) {
  if (letter >= 'a' && letter <= 'z') return static_cast<char>(letter - 32);
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

std::string in_upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) { return letter >= 'a' ? other_case(letter) : letter; });
  return text;
}

// "https://A.x.test:8443/a?v=1", written in one of the ways that mean the same.
std::string url_of(const Request& request, bool host_elsewhere, Dice& dice) {
  std::string scheme = request.scheme;
  if (request.grpc) scheme = request.tls ? "grpcs" : "grpc";
  std::string host = host_elsewhere ? "elsewhere.test" : request.host;
  if (dice.chance(20)) host = in_upper_case(host);
  std::string out = scheme + "://" + host;
  const std::int64_t own = request.tls ? 443 : 80;
  if (request.port != own || dice.chance(30)) out += ":" + std::to_string(request.port);
  if (!request.grpc) out += request.path;
  if (!request.query.empty()) out += "?" + request.query;
  return out;
}

}  // namespace

std::string generate_host(const std::string& near, Dice& dice) {
  static const std::vector<std::string> strangers = {"x.test", "a.x.test", "b.a.x.test", "y.test", "z.other", "ax.test", "test"};
  std::string out = near;
  if (out.empty()) return dice.one_of(strangers);
  if (out.starts_with("*.")) {
    static const std::vector<std::string> labels = {"a", "b", "c.b", "b.a", "q"};
    out = dice.one_of(labels) + out.substr(1);
    if (dice.chance(6)) out = near.substr(2);
  }
  const std::size_t change = dice.below(40);
  if (change == 0) return dice.one_of(strangers);
  if (change == 1) return "d." + out;
  if (change == 2 && std::count(out.begin(), out.end(), '.') > 1) return out.substr(out.find('.') + 1);
  return out;
}

std::string generate_path(const std::string& near, Dice& dice) {
  const std::string slash = near.ends_with("/") ? "" : "/";
  switch (dice.below(16)) {
    case 0:
    case 1:
      return near + slash + "b";
    case 2:
      return near + slash;
    case 3:
      return near.size() > 1 && near.ends_with("/") ? near.substr(0, near.size() - 1) : near;
    case 4:
      return near + "c";
    case 5: {
      std::string out = near;
      out.back() = other_case(out.back());
      return out;
    }
    case 6:
      return near.rfind('/') == 0 ? "/" : near.substr(0, near.rfind('/'));
    case 7:
      return dice.chance(20) ? near + "//b" : near + slash + "b/c";
    case 8:
      return dice.chance(50) ? "/" : "/b/a";
    default:
      return near;
  }
}

RequestWords words_of(const Request& request, Dice& dice) {
  RequestWords out;
  const bool host_elsewhere = dice.chance(15);
  out.url = url_of(request, host_elsewhere, dice);
  if (!request.grpc) out.method = request.method;
  if (request.grpc) out.grpc = request.path.substr(1);
  for (const HeaderField& header : request.headers) out.headers.push_back(header.name + ": " + header.value);
  // Implementations MUST ignore any port value specified in the HTTP Host header (HTTPRouteSpec.hostnames).
  if (host_elsewhere) out.headers.push_back("Host: " + request.host + (dice.chance(50) ? ":1234" : ""));
  if (request.tls && (host_elsewhere || request.sni != request.host)) out.sni = request.sni;
  return out;
}

}  // namespace gwdoctor
