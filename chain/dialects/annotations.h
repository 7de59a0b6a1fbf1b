#pragma once
// Annotations of an Ingress, as controllers read them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/objects/ingress.h"

namespace gwdoctor {

inline constexpr std::string_view nginx_prefix = "nginx.ingress.kubernetes.io/";

// The value of the annotation prefix + key; nothing where there is none.
[[nodiscard]] std::optional<std::string> annotation(const Ingress& ingress, std::string_view prefix, std::string_view key);
// The same, "" where there is none.
[[nodiscard]] std::string annotation_text(const Ingress& ingress, std::string_view prefix, std::string_view key);
// As Go's strconv.ParseBool reads it; nothing where there is none or it is no such word.
[[nodiscard]] std::optional<bool> annotation_flag(const Ingress& ingress, std::string_view prefix, std::string_view key);
// A decimal number; nothing where there is none or it is no number.
[[nodiscard]] std::optional<std::int64_t> annotation_number(const Ingress& ingress, std::string_view prefix,
                                                            std::string_view key);
// The words between commas, without the blanks around them; empty ones are left out.
[[nodiscard]] std::vector<std::string> comma_separated(std::string_view text);

}  // namespace gwdoctor
