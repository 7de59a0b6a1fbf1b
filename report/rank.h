#pragma once
// Which finding to fix first, and the reason in words.

#include <string>
#include <vector>

#include "chain/path.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// What the order depends on besides the finding itself.
struct Standing {
  const Argued* argued = nullptr;
  std::size_t broken_streams = 0;
  std::size_t streams = 0;
  std::size_t explained = 0;  // findings folded under it
  Time now;
};

// True where `left` comes first: what breaks the target now (all, some, none), severity, certainty, what its verified
// fix restores, how many findings it explains, the outermost layer (rulings, 10), changed within the last hour, then
// code and name.
[[nodiscard]] bool before(const Standing& left, const Standing& right);
// The first of these that tells the finding from the next one, in words: "breaks all requests", "outermost layer".
[[nodiscard]] std::string rank_reason(const Standing& standing, const Standing* next);

// The place of a layer in the order in which a request meets them (rulings, 10).
[[nodiscard]] int layer_order(Layer layer);

}  // namespace gwdoctor
