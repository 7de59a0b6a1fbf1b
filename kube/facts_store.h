#pragma once
// Behind Facts: what is stored, and how a trial sees it. Internal to kube/.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kube/facts.h"

namespace gwdoctor {

// An object in the store: its document, and the struct decoded from it.
struct FactItem {
  std::string ns;
  std::string name;
  std::shared_ptr<const Value> document;
  std::shared_ptr<const void> object;
};

// From a document as it was stored; of the kind, or the observation, that was asked for.
[[nodiscard]] FactItem make_item(Kind kind, Value document);
[[nodiscard]] FactItem make_observed(Wish::What what, Value document);

// The answer to a wish, decoded.
struct FactEntry {
  State state = State::wanted;
  Why why;
  std::string version;
  std::vector<FactItem> items;
};

// The answer to an observation that a trial makes stale.
[[nodiscard]] FactEntry outdated_entry();
// Names one object; of a kind without namespaces, whatever `ns` is.
[[nodiscard]] Wish object_wish(Kind kind, std::string_view ns, std::string_view name);

// What a trial changes: the documents that its patches name, and which status is stale because of them.
struct FactOverlay {
  struct Change {
    Ref object;
    Kind kind = Kind::pod;
    std::optional<Value> document;  // nothing: deleted
  };
  std::vector<Change> changes;
  bool gateways_stale = false;
  bool routes_stale = false;
  // What was observed on the network before may not hold any more: at the entrances, and of the certificates served there.
  bool entrances_stale = false;
  bool certificates_stale = false;
  std::set<std::string> endpoints_stale;  // namespaces in which EndpointSlices are worked out anew
  struct Starting {
    std::string ns;
    Labels template_labels;
  };
  std::vector<Starting> starting;  // workloads whose pods are still to be made

  // Whether the pods that a selector takes in, of that namespace, are among those to be made.
  [[nodiscard]] bool awaits(std::string_view ns, const Selector& selector) const {
    return std::any_of(starting.begin(), starting.end(), [&](const Starting& one) {
      return one.ns == ns && (selector.empty() || selector.matches(one.template_labels));
    });
  }

  [[nodiscard]] const Change* find(Kind kind, std::string_view ns, std::string_view name) const {
    for (const Change& change : changes) {
      if (change.kind == kind && change.object.ns == ns && change.object.name == name) return &change;
    }
    return nullptr;
  }
};

struct Facts::Store {
  Time now;
  Settings settings;
  // Shared with the trials, which only ever read it through their own overlay; what they fetch anew is for all.
  std::shared_ptr<std::map<Wish, FactEntry>> entries = std::make_shared<std::map<Wish, FactEntry>>();
  std::optional<FactOverlay> overlay;
  mutable std::map<Wish, FactEntry> adapted;  // answers of `entries` with the overlay applied
  mutable std::set<Wish> wanted;
  mutable ReadLog log;
  struct Kept {
    std::shared_ptr<const void> value;
    ReadLog reads;
  };
  mutable std::map<std::string, Kept> memos;

  [[nodiscard]] const FactEntry* base(const Wish& wish) const;
  [[nodiscard]] const FactEntry& look(const Wish& wish) const;
  [[nodiscard]] FactEntry adapt(const Wish& wish, const FactEntry& entry) const;
  [[nodiscard]] FactEntry derive_slices(const Wish& wish, const FactEntry& entry) const;
  void adapt_object(const Wish& wish, FactEntry& entry) const;
  void adapt_list(const Wish& wish, FactEntry& entry) const;
  [[nodiscard]] FactItem without_status(const FactItem& item, Kind kind) const;
  [[nodiscard]] bool stale(Kind kind) const;
  [[nodiscard]] bool outdates(const Wish& wish) const;
};

}  // namespace gwdoctor
