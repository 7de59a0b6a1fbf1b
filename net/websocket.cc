#include "net/websocket.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <random>

#include "kube/ascii.h"
#include "kube/clean.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

// RFC 6455, 1.3: what no server that knows nothing of WebSockets puts behind the key.
constexpr std::string_view suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether one of the words between commas is this one (RFC 9110, 5.6.1). What stands behind a semicolon is its parameters.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view one = list.substr(0, comma);
    if (same_ascii(trimmed(one.substr(0, one.find(';'))), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// All lines of a header that was sent, as one list.
std::string sent(const ExchangeQuestion& question, std::string_view name) {
  std::string out;
  for (const HeaderField& field : question.headers) {
    if (same_ascii(field.name, name)) out += (out.empty() ? "" : ",") + field.value;
  }
  return out;
}

void add_unless_given(ExchangeQuestion& question, std::string_view name, std::string value) {
  const bool given = std::any_of(question.headers.begin(), question.headers.end(),
                                 [&](const HeaderField& field) { return same_ascii(field.name, name); });
  if (!given) question.headers.push_back({std::string(name), std::move(value)});
}

// What the status says about the handshake.
std::string meaning(const ExchangeAnswer& answer) {
  const std::string versions = clean_line(answer.header("sec-websocket-version"), 60);
  if (answer.status == 426 || (answer.status == 400 && !versions.empty())) {
    return versions.empty() ? "the server asks for an upgrade of another kind, or the headers Upgrade and Connection were lost"
                            : fmt::format("the server speaks WebSocket version {}, and 13 was asked for", versions);
  }
  if (answer.status == 401 || answer.status == 403) return "the server wants to know who asks, or lets nobody in from here";
  if (answer.status >= 300 && answer.status < 400) return "browsers do not follow a redirect of a WebSocket";
  if (answer.status == 400) return "the server refuses the handshake, or the headers Upgrade and Connection were lost";
  if (answer.status >= 200 && answer.status < 300)
    return "the request was served as plain HTTP: the headers Upgrade and Connection were lost, or nobody there speaks WebSocket";
  return {};
}

}  // namespace

std::string websocket_key() {
  std::random_device source;
  std::string bytes;
  for (int count = 0; count < 16; ++count) bytes += static_cast<char>(source() & 0xffU);
  return encode_base64(bytes);
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + std::string(suffix);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return {};
  return encode_base64({reinterpret_cast<const char*>(digest.data()), size});
}

void ask_for_websocket(ExchangeQuestion& question) {
  question.protocol = "http/1.1";
  add_unless_given(question, "Sec-WebSocket-Version", "13");
  add_unless_given(question, "Sec-WebSocket-Key", websocket_key());
}

std::string websocket_complaint(const ExchangeQuestion& question, const ExchangeAnswer& answer) {
  if (!answer.answered()) return answer.detail;
  if (answer.status != 101) {
    const std::string words = meaning(answer);
    return fmt::format("the answer is {}, not 101{}{}", answer.status, words.empty() ? "" : ": ", words);
  }
  const std::string upgrade = answer.header("upgrade");
  if (!lists(upgrade, "websocket"))
    return fmt::format("the connection is upgraded to \"{}\", not to websocket", clean_line(upgrade, 60));
  if (!lists(answer.header("connection"), "upgrade"))
    return "the answer 101 has no Connection: Upgrade, without which clients refuse it";
  const std::string expected = websocket_accept(sent(question, "sec-websocket-key"));
  const std::string accept(trimmed(answer.header("sec-websocket-accept")));
  if (accept.empty()) return fmt::format("the answer 101 has no Sec-WebSocket-Accept, expected {}", expected);
  if (accept != expected) {
    return fmt::format("Sec-WebSocket-Accept is {}, expected {}: whoever answered did not read the key, clients refuse it",
                       clean_line(accept, 60), expected);
  }
  const std::string protocol = answer.header("sec-websocket-protocol");
  if (!protocol.empty() && !lists(sent(question, "sec-websocket-protocol"), protocol))
    return fmt::format("the server chose the subprotocol \"{}\", which was not asked for", clean_line(protocol, 60));
  const std::string extension(trimmed(answer.header("sec-websocket-extensions")));
  if (!extension.empty() &&
      !lists(sent(question, "sec-websocket-extensions"), trimmed(extension.substr(0, extension.find_first_of(",;")))))
    return fmt::format("the server uses the extension \"{}\", which was not asked for", clean_line(extension, 60));
  return {};
}

}  // namespace gwdoctor
