#pragma once
// The opening handshake of a WebSocket over HTTP/1.1 (RFC 6455, 4).

#include <string>
#include <string_view>
#include <vector>

#include "net/exchange.h"

namespace gwdoctor {

// A Sec-WebSocket-Key: 16 random bytes in Base64 (4.1, 7).
[[nodiscard]] std::string websocket_key();
// The Sec-WebSocket-Accept that only a server that saw this key can know (4.2.2, 5.4).
[[nodiscard]] std::string websocket_accept(std::string_view key);

// Completes a request for an upgrade: HTTP/1.1, and the key and version (13) where they are not given. The headers Upgrade and
// Connection are the caller's.
void ask_for_websocket(ExchangeQuestion& question);

// Why the answer to such a question opened no WebSocket, one line for people: "the answer is 200, not 101: …"; "" where it did,
// by the rules of 4.1 for the client: the right Sec-WebSocket-Accept, and no subprotocol or extension that was not asked for.
[[nodiscard]] std::string websocket_complaint(const ExchangeQuestion& question, const ExchangeAnswer& answer);

}  // namespace gwdoctor
