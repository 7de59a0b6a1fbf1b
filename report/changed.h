#pragma once
// Who last wrote a field, by metadata.managedFields (KEP-555, server-side apply).

#include <optional>
#include <string_view>

#include "kube/value.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// The newest manager that owns the field at `path`, or the nearest field above it that managedFields tell apart (a list
// without keys is owned as a whole). Writers of status do not count for a field outside it. Nothing where nobody is named.
[[nodiscard]] std::optional<Changed> last_change(const Value& document, std::string_view path);

}  // namespace gwdoctor
