#pragma once
// A case of a check: a small cluster as YAML, with directives in its first comments and expectations on its lines.
// checks/README.md describes the format.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "chain/path.h"
#include "kube/facts.h"
#include "kube/manifest_source.h"

namespace gwdoctor {

struct CaseFile {
  std::string path;   // checks/CODE/cases/NAME.yaml
  std::string check;  // CODE
  std::string text;
  Target target;
  std::vector<std::string> trace;  // the command line of a traced request; empty for other commands
  Time now;
  std::vector<ManifestSource::Denial> denials;
  std::set<Kind> unserved;
  std::set<std::string> also;
  bool unknown = false;
  bool fix_expected = true;
  bool public_view = false;                         // "# public": as with --public
  std::multimap<std::uint32_t, std::string> wants;  // line → code

  // A fresh source of this case's cluster, with its denials.
  [[nodiscard]] ManifestSource source() const;
  // The probes and DNS servers that the case's observations name: what it does not hold was not chosen.
  [[nodiscard]] Settings settings() const;
  [[nodiscard]] bool wants_code(std::string_view code) const;
};

// Reads a case. Throws std::runtime_error with file and line where a directive is not understood.
[[nodiscard]] CaseFile read_case(const std::string& path, const std::string& check);

}  // namespace gwdoctor
