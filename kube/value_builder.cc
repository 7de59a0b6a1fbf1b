#include "kube/value_builder.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gwdoctor {

namespace {

// Below this many members comparing each with each is faster than hashing.
constexpr std::size_t few = 16;

bool has_duplicates(const Value::Object& members) {
  for (std::size_t i = 1; i < members.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (members[i].first == members[j].first) return true;
    }
  }
  return false;
}

}  // namespace

void drop_duplicates(Value::Object& members) {
  if (members.size() <= few && !has_duplicates(members)) return;
  std::unordered_map<std::string_view, std::size_t> places;
  places.reserve(members.size());
  std::vector<bool> dropped(members.size(), false);
  bool any = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto [place, fresh] = places.try_emplace(members[i].first, i);
    if (fresh) continue;
    members[place->second].second = std::move(members[i].second);
    dropped[i] = true;
    any = true;
  }
  if (!any) return;
  Value::Object kept;
  kept.reserve(places.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!dropped[i]) kept.push_back(std::move(members[i]));
  }
  members = std::move(kept);
}

std::string_view ValueBuilder::key(std::size_t up) const {
  return up < open_.size() ? std::string_view(open_[open_.size() - 1 - up].key) : std::string_view();
}

void ValueBuilder::begin_object(Mark mark) {
  Open& open = open_.emplace_back();
  open.is_object = true;
  open.mark = mark;
}

void ValueBuilder::begin_array(Mark mark) { open_.emplace_back().mark = mark; }

void ValueBuilder::add(Value value) {
  if (open_.empty()) {
    root_ = std::move(value);
    complete_ = true;
  } else if (open_.back().is_object) {
    open_.back().members.emplace_back(std::move(open_.back().key), std::move(value));
    open_.back().key.clear();
  } else {
    open_.back().items.push_back(std::move(value));
  }
}

void ValueBuilder::add_missing(const Value::Array& objects) {
  if (objects.empty()) return;
  Value::Object& target = open_.back().members;
  std::unordered_set<std::string_view> keys;
  for (const auto& member : target) keys.insert(member.first);
  // Views of the target's keys are valid only as long as it does not grow.
  Value::Object added;
  for (const Value& object : objects) {
    for (const auto& member : object.members()) {
      if (keys.insert(member.first).second) added.push_back(member);
    }
  }
  std::move(added.begin(), added.end(), std::back_inserter(target));
}

Value ValueBuilder::close() {
  Open open = std::move(open_.back());
  open_.pop_back();
  if (open.is_object) drop_duplicates(open.members);
  Value value = open.is_object ? Value(std::move(open.members)) : Value(std::move(open.items));
  value.set_mark(open.mark);
  return value;
}

Value ValueBuilder::take() {
  complete_ = false;
  return std::exchange(root_, Value());
}

}  // namespace gwdoctor
