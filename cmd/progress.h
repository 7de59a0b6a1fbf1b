#pragma once
// A line on standard error that says what is being waited for, when it takes long and somebody is looking.

#include <memory>

#include "kube/source.h"

namespace gwdoctor {

// The source itself where `silent`, or where standard error is no terminal; else one that shows such a line after
// 300 ms of a round and takes it away when the round is over.
[[nodiscard]] std::unique_ptr<Source> with_progress(std::unique_ptr<Source> source, bool silent);

}  // namespace gwdoctor
