#pragma once
// The question that the words of `trace` ask.

#include <string>

#include "chain/router/question.h"
#include "cmd/options.h"
#include "kube/error.h"

namespace gwdoctor {

// An error (usage) names the word that is wrong.
[[nodiscard]] Result<Question> question_of(const TraceFlags& flags, const std::string& url, const std::string& ns);

}  // namespace gwdoctor
