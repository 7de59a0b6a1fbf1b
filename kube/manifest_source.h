#pragma once
// Objects in files, as `kubectl get -o yaml` writes them: a file, a folder of files, or standard input. The folder is
// the whole cluster: an object that is not in it does not exist, except that a kind of which it holds no object and
// no empty List was not collected, and its facts are unknown.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kube/error.h"
#include "kube/source.h"

namespace gwdoctor {

struct ManifestFile {
  std::string name;  // as the user wrote it, for messages
  std::string text;
};

class ManifestSource final : public Source {
 public:
  // Reads YAML or JSON, one or many documents a file, Lists taken apart. An object of a kind that is not read is
  // passed over. An error names file, line and column: a document that is no object, an object without kind or
  // name, a List item that is no object. `now` is the time at which the facts are judged.
  [[nodiscard]] static Result<ManifestSource> parse(const std::vector<ManifestFile>& files, Time now);

  [[nodiscard]] std::vector<Answer> fill(const std::vector<Wish>& wishes) override;
  [[nodiscard]] Time now() const override { return now_; }
  [[nodiscard]] Place place(const Ref& object) const override;
  // Of the observations in the files (kube/observation.h).
  [[nodiscard]] std::set<ProbeKind> recorded() const override;
  [[nodiscard]] std::vector<std::string> recorded_servers() const override;
  [[nodiscard]] std::string recorded_path() const override;

  // For tests: from now on this kind cannot be read, as for an account without the right to.
  struct Denial {
    Kind kind;
    std::string ns;                  // "" for every namespace
    std::vector<std::string> verbs;  // empty: get and list
  };
  void deny(Denial denial) { denials_.push_back(std::move(denial)); }
  // For tests: this kind is not served.
  void unserve(Kind kind) { unserved_.insert(kind); }
  // For tests: every kind counts as collected, so that small worlds need no empty Lists.
  void collect_all();
  // For tests: turns the order of the objects round, which must change nothing.
  void reverse();
  // The objects of a kind, for completing a target's name.
  [[nodiscard]] std::vector<Ref> refs(Kind kind) const;

 private:
  struct Object {
    Value document;
    std::string file;
    std::uint32_t line = 0;
  };
  [[nodiscard]] Result<void> add(Value document, const std::string& file, int depth);
  [[nodiscard]] Result<void> add_observation(Value document, const std::string& file);
  [[nodiscard]] Answer answer(const Wish& wish) const;
  [[nodiscard]] bool denied(const Wish& wish, Answer& out) const;

  Time now_{};
  std::map<Kind, std::vector<Object>> objects_;
  std::map<Wish, Value> observed_;
  std::set<Kind> collected_;
  std::set<Kind> unserved_;
  std::vector<Denial> denials_;
  bool crds_collected_ = false;
};

// The files of a path given to --from: the file itself, every *.yaml, *.yml and *.json below a folder (in the order of
// their names, hidden ones left out), or standard input for "-".
[[nodiscard]] Result<std::vector<ManifestFile>> read_manifest_files(const std::string& path);

}  // namespace gwdoctor
