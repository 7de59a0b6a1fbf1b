// Which stored answer a wish gets.

#include "kube/facts_store.h"

namespace gwdoctor {

namespace {

Labels labels_of(const Value& document) {
  Labels labels;
  for (const auto& [key, value] : document["metadata"]["labels"].members()) labels.emplace_back(key, value.text());
  return labels;
}

bool fields_match(const Value& document, std::string_view fields) {
  while (!fields.empty()) {
    const std::size_t comma = std::min(fields.find(','), fields.size());
    const std::string_view term = fields.substr(0, comma);
    const std::size_t equals = std::min(term.find('='), term.size());
    if (equals == term.size() || document.at_path(term.substr(0, equals)).text() != term.substr(equals + 1)) return false;
    fields.remove_prefix(std::min(comma + 1, fields.size()));
  }
  return true;
}

}  // namespace

bool selects(const Wish& wish, const Value& document) {
  const std::string ns = document["metadata"]["namespace"].text();
  if (info(wish.kind).namespaced && !wish.ns.empty() && ns != wish.ns) return false;
  if (!wish.selector.empty() && !Selector::parse(wish.selector).matches(labels_of(document))) return false;
  return fields_match(document, wish.fields);
}

namespace {

const FactEntry& wanted_entry() {
  static const FactEntry entry;
  return entry;
}

// An object out of a complete list: there or, since the list is complete, absent.
FactEntry pick(const Wish& wish, const FactEntry& list) {
  FactEntry out;
  out.state = State::absent;
  for (const FactItem& item : list.items) {
    if (item.name != wish.name || item.ns != wish.ns) continue;
    out.state = State::present;
    out.items = {item};
  }
  return out;
}

FactEntry narrow(const Wish& wish, const FactEntry& list) {
  FactEntry out;
  out.state = list.state;
  for (const FactItem& item : list.items) {
    if (selects(wish, *item.document)) out.items.push_back(item);
  }
  return out;
}

}  // namespace

const FactEntry* Facts::Store::base(const Wish& wish) const {
  const auto found = entries->find(wish);
  if (found != entries->end()) return &found->second;
  if (wish.what == Wish::What::served || wish.probe()) return nullptr;
  // A wider list that is complete answers as well.
  const auto wider = [&](std::string ns) -> const FactEntry* {
    const auto list = entries->find({Wish::What::list, wish.kind, std::move(ns), {}, {}, {}});
    return list != entries->end() && list->second.state == State::present ? &list->second : nullptr;
  };
  const FactEntry* list = wider(wish.ns);
  if (list == nullptr) list = wider({});
  if (list == nullptr) return nullptr;
  return &entries->emplace(wish, wish.what == Wish::What::object ? pick(wish, *list) : narrow(wish, *list)).first->second;
}

const FactEntry& Facts::Store::look(const Wish& wish) const {
  if (overlay) {
    const auto found = adapted.find(wish);
    if (found != adapted.end()) return found->second;
  }
  const FactEntry* entry = base(wish);
  if (entry == nullptr || entry->state == State::wanted) {
    // A trial answers for an object that it made or changed even where the cluster was never asked.
    if (overlay && wish.what == Wish::What::object && overlay->find(wish.kind, wish.ns, wish.name) != nullptr) {
      return adapted.emplace(wish, adapt(wish, FactEntry{})).first->second;
    }
    if (overlay && wish.probe() && outdates(wish)) return adapted.emplace(wish, outdated_entry()).first->second;
    wanted.insert(wish);
    return wanted_entry();
  }
  if (!overlay) return *entry;
  return adapted.emplace(wish, adapt(wish, *entry)).first->second;
}

}  // namespace gwdoctor
