#pragma once
// What came of a request that was sent (trace --send), beside what was predicted.

#include <optional>
#include <string>
#include <vector>

#include "chain/router/outcome.h"
#include "net/exchange.h"

namespace gwdoctor {

struct Sent {
  std::optional<bool> agrees;  // with the prediction; nothing where that cannot be told
  std::vector<std::string> differences;
  std::string address;  // that was connected to
  std::string http_version;
  std::optional<int> status;
  std::string location;
  std::string speaker;              // who wrote the answer, and what it means
  std::string certificate;          // the subject that was served
  std::string certificate_problem;  // why a client would refuse it
  std::optional<bool> upgraded;     // where a WebSocket was asked for: whether the answer opened it (RFC 6455, 4.1)
  std::string not_upgraded;         // why it did not
  std::string error;                // why there is no answer
  std::int64_t milliseconds = 0;
};

// `controller` is the id of the row of the controller that serves the request; "" where unknown.
[[nodiscard]] Sent judge_answer(const Trace& trace, const ExchangeAnswer& answer, std::string_view controller);

}  // namespace gwdoctor
