#include "kube/value.h"

#include <algorithm>
#include <cmath>

namespace gwdoctor {

namespace {

const Value null_value;
const Value::Array no_items;
const Value::Object no_members;

Value::Member* find_member(Value::Object& object, std::string_view key) {
  const auto found = std::find_if(object.rbegin(), object.rend(), [&](const auto& member) { return member.first == key; });
  return found == object.rend() ? nullptr : &*found;
}

}  // namespace

const Value& Value::operator[](std::string_view key) const {
  const Value* found = find(key);
  return found != nullptr ? *found : null_value;
}

const Value& Value::operator[](std::size_t index) const {
  const Array& array = items();
  return index < array.size() ? array[index] : null_value;
}

const Value* Value::find(std::string_view key) const {
  const Object& object = members();
  const auto found = std::find_if(object.rbegin(), object.rend(), [&](const auto& member) { return member.first == key; });
  return found == object.rend() ? nullptr : &found->second;
}

const Value::Array& Value::items() const {
  const auto* array = std::get_if<Array>(&data_);
  return array != nullptr ? *array : no_items;
}

const Value::Object& Value::members() const {
  const auto* object = std::get_if<Object>(&data_);
  return object != nullptr ? *object : no_members;
}

std::size_t Value::size() const { return is_array() ? items().size() : members().size(); }

std::optional<bool> Value::boolean() const {
  const auto* value = std::get_if<bool>(&data_);
  return value != nullptr ? std::optional<bool>(*value) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  if (const auto* value = std::get_if<double>(&data_)) {
    constexpr double exact = 9007199254740992.0;  // 2^53: beyond it a double no longer names one integer
    if (std::abs(*value) <= exact && std::trunc(*value) == *value) return static_cast<std::int64_t>(*value);
  }
  return std::nullopt;
}

std::optional<std::string_view> Value::string() const {
  const auto* value = std::get_if<std::string>(&data_);
  return value != nullptr ? std::optional<std::string_view>(*value) : std::nullopt;
}

std::string Value::text(std::string_view fallback) const { return std::string(string().value_or(fallback)); }

double Value::real() const {
  if (const auto* value = std::get_if<double>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  return 0;
}

const Value& Value::at_path(std::string_view path) const {
  const Value* here = this;
  for (const PathStep& step : split_path(path)) {
    here = step.index ? &(*here)[*step.index] : &(*here)[std::string_view(step.key)];
  }
  return *here;
}

bool Value::set_path(std::string_view path, Value value) {
  const std::vector<PathStep> steps = split_path(path);
  if (steps.empty()) return false;
  Value* here = this;
  for (const PathStep& step : steps) {
    if (step.index) {
      auto* array = std::get_if<Array>(&here->data_);
      if (array == nullptr || *step.index > array->size()) return false;
      if (*step.index == array->size()) array->emplace_back();
      here = &(*array)[*step.index];
      continue;
    }
    if (here->is_null()) here->data_ = Object{};
    auto* object = std::get_if<Object>(&here->data_);
    if (object == nullptr) return false;
    Member* member = find_member(*object, step.key);
    if (member == nullptr) member = &object->emplace_back(step.key, Value{});
    here = &member->second;
  }
  *here = std::move(value);
  return true;
}

bool Value::erase_path(std::string_view path) {
  std::vector<PathStep> steps = split_path(path);
  if (steps.empty()) return false;
  const PathStep last = std::move(steps.back());
  steps.pop_back();
  Value* here = this;
  for (const PathStep& step : steps) {
    auto* array = std::get_if<Array>(&here->data_);
    auto* object = std::get_if<Object>(&here->data_);
    if (step.index && array != nullptr && *step.index < array->size()) {
      here = &(*array)[*step.index];
    } else if (!step.index && object != nullptr && find_member(*object, step.key) != nullptr) {
      here = &find_member(*object, step.key)->second;
    } else {
      return false;
    }
  }
  if (last.index) {
    auto* array = std::get_if<Array>(&here->data_);
    if (array == nullptr || *last.index >= array->size()) return false;
    array->erase(array->begin() + static_cast<std::ptrdiff_t>(*last.index));
    return true;
  }
  if (here->find(last.key) == nullptr) return false;
  here->erase(last.key);
  return true;
}

void Value::set(std::string_view key, Value value) {
  if (!is_object()) data_ = Object{};
  auto& object = std::get<Object>(data_);
  if (Member* member = find_member(object, key)) {
    member->second = std::move(value);
  } else {
    object.emplace_back(std::string(key), std::move(value));
  }
}

void Value::erase(std::string_view key) {
  if (auto* object = std::get_if<Object>(&data_)) {
    std::erase_if(*object, [&](const Member& member) { return member.first == key; });
  }
}

void Value::push_back(Value value) {
  if (!is_array()) data_ = Array{};
  std::get<Array>(data_).push_back(std::move(value));
}

void Value::append(std::string key, Value value) {
  if (!is_object()) data_ = Object{};
  std::get<Object>(data_).emplace_back(std::move(key), std::move(value));
}

bool operator==(const Value& left, const Value& right) {
  if (left.is_object() && right.is_object()) {
    // The values are compared once: both ways would double the work at every level of nesting.
    const bool same = std::all_of(left.members().begin(), left.members().end(), [&](const auto& member) {
      const Value* twin = right.find(member.first);
      return twin != nullptr && *left.find(member.first) == *twin;
    });
    return same && std::all_of(right.members().begin(), right.members().end(),
                               [&](const auto& member) { return left.find(member.first) != nullptr; });
  }
  if (left.is_integer() && right.is_real()) return left.real() == right.real();
  if (left.is_real() && right.is_integer()) return left.real() == right.real();
  return left.data_ == right.data_;
}

void Value::merge(Value& target, const Value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Value(Object{});
  for (const auto& [key, value] : patch.members()) {
    if (value.is_null()) {
      target.erase(key);
      continue;
    }
    Value merged = target[std::string_view(key)];
    merge(merged, value);
    target.set(key, std::move(merged));
  }
}

Value Value::diff(const Value& before, const Value& after) {
  if (!before.is_object() || !after.is_object()) return after;
  Value patch{Object{}};
  for (const auto& [key, value] : after.members()) {
    const Value* old = before.find(key);
    if (old == nullptr) {
      patch.set(key, value);
    } else if (!(*old == value)) {
      patch.set(key, diff(*old, value));
    }
  }
  for (const auto& [key, value] : before.members()) {
    if (after.find(key) == nullptr) patch.set(key, nullptr);
  }
  return patch;
}

std::vector<PathStep> split_path(std::string_view path) {
  std::vector<PathStep> steps;
  std::size_t at = 0;
  while (at < path.size()) {
    if (path[at] == '.') {
      ++at;
    } else if (path.substr(at, 2) == "[\"") {
      const std::size_t end = path.find("\"]", at + 2);
      if (end == std::string_view::npos) return {};
      steps.push_back({std::string(path.substr(at + 2, end - at - 2)), std::nullopt});
      at = end + 2;
    } else if (path[at] == '[') {
      const std::size_t end = path.find(']', at);
      if (end == std::string_view::npos || end == at + 1 || end - at > 10) return {};
      std::size_t index = 0;
      for (const char digit : path.substr(at + 1, end - at - 1)) {
        if (digit < '0' || digit > '9') return {};
        index = index * 10 + static_cast<std::size_t>(digit - '0');
      }
      steps.push_back({{}, index});
      at = end + 1;
    } else {
      const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
      steps.push_back({std::string(path.substr(at, end - at)), std::nullopt});
      at = end;
    }
  }
  return steps;
}

std::string json_pointer(std::string_view path) {
  std::string pointer;
  for (const PathStep& step : split_path(path)) {
    pointer += '/';
    if (step.index) {
      pointer += std::to_string(*step.index);
      continue;
    }
    for (const char letter : step.key) {
      if (letter == '~') {
        pointer += "~0";
      } else if (letter == '/') {
        pointer += "~1";
      } else {
        pointer += letter;
      }
    }
  }
  return pointer;
}

}  // namespace gwdoctor
