#pragma once
// What to do about a finding: words, commands to paste, and, where one field or object mends it, the change itself,
// so that it can be tried on the facts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/facts.h"

namespace gwdoctor {

struct Fix {
  std::string summary;                // imperative, lowercase, no final stop
  std::vector<std::string> commands;  // kubectl …, ready to paste
  std::optional<Patch> patch;         // nothing where no change of one object mends it
};

// Sets one field: `kubectl patch … --type=json`, as replace or add, whichever the document needs.
// Nothing where the path cannot be set in that document.
[[nodiscard]] std::optional<Fix> set_field(const Ref& object, const Value& document, std::string_view path, Value value,
                                           std::string summary);
// Sets several fields of one object in one patch.
struct FieldChange {
  std::string path;
  Value value;
};
[[nodiscard]] std::optional<Fix> set_fields(const Ref& object, const Value& document, const std::vector<FieldChange>& changes,
                                            std::string summary);
// Removes one field: `kubectl patch … --type=json` with remove.
[[nodiscard]] std::optional<Fix> remove_field(const Ref& object, const Value& document, std::string_view path,
                                              std::string summary);
// Sets a label on an object: `kubectl label KIND NAME key=value [--overwrite]`.
[[nodiscard]] Fix set_label(const Ref& object, const Value& document, std::string_view key, std::string_view value,
                            std::string summary);
// `kubectl scale KIND/NAME --replicas=N`.
[[nodiscard]] Fix scale(const Ref& workload, std::int64_t replicas, std::string summary);
// Creates an object: the document as YAML on the standard input of `kubectl apply -f -`.
[[nodiscard]] Fix create_object(const Ref& object, Value document, std::string summary);
// Words and commands alone, where what is missing cannot be known here (a certificate, an image).
[[nodiscard]] Fix by_hand(std::string summary, std::vector<std::string> commands = {});

// "httproute/payments-api -n payments", "gatewayclass/contour": the object as kubectl's arguments, quoted for a shell.
[[nodiscard]] std::string kubectl_object(const Ref& object);
// Quotes a word for a POSIX shell where it needs it. What comes from a cluster may hold anything.
[[nodiscard]] std::string shell_quote(std::string_view word);

}  // namespace gwdoctor
