#include "chain/nearest.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// Names of objects end at 253 characters (RFC 1123). Longer texts come from a broken or hostile document.
constexpr std::size_t longest_name = 512;

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::size_t allowed_steps(std::string_view left, std::string_view right) {
  const std::size_t length = std::max(left.size(), right.size());
  if (length < 4) return 0;
  if (length < 6 || is_number(left) || is_number(right)) return 1;
  return length < 9 ? 2 : 3;
}

// Two neighbours swapped and nothing else: the one slip that is plain in a short name too ("wbe" for "web").
bool is_swap(std::string_view left, std::string_view right) {
  return left.size() == right.size() && left.size() > 1 && edit_distance(left, right, 1) == 1 &&
         std::is_permutation(left.begin(), left.end(), right.begin());
}

// 8080 and 8081 are two ports, not one port misspelt: a number must keep its digits, or gain or lose one.
bool is_other_number(std::string_view left, std::string_view right) {
  return is_number(left) && is_number(right) && left.size() == right.size() && !is_swap(left, right);
}

using Words = std::vector<std::string_view>;

Words words_of(std::string_view name) {
  constexpr std::string_view separators = "-._/";
  Words words;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find_first_of(separators), name.size());
    if (end > 0) words.push_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return words;
}

bool same_words(Words left, Words right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left.size() > 1 && left == right;
}

bool is_common_word(std::string_view word) {
  constexpr std::array<std::string_view, 14> common{"api",     "app",    "backend", "frontend", "gateway", "http", "https",
                                                    "ingress", "public", "server",  "service",  "svc",     "tls",  "web"};
  return std::find(common.begin(), common.end(), word) != common.end();
}

bool begins_or_ends(const Words& longer, const Words& shorter) {
  return std::equal(shorter.begin(), shorter.end(), longer.begin()) ||
         std::equal(shorter.rbegin(), shorter.rend(), longer.rbegin());
}

// How many words one name has more than the other, where it begins or ends with the other. 0: it does not.
std::size_t words_added(const Words& left, const Words& right) {
  const Words& shorter = left.size() < right.size() ? left : right;
  const Words& longer = left.size() < right.size() ? right : left;
  if (shorter.empty() || shorter.size() == longer.size() || !begins_or_ends(longer, shorter)) return 0;
  // "api" says nothing of payments-api, and "v2" nothing of orders-v2.
  const bool telling = std::any_of(shorter.begin(), shorter.end(), [](std::string_view word) {
    return word.size() > 2 && !is_common_word(word) && !is_number(word);
  });
  return telling ? longer.size() - shorter.size() : 0;
}

enum class Nearness { other_case, one_step, other_order, two_steps, words_added, three_steps };

struct Guess {
  Nearness nearness;
  std::size_t detail = 0;  // words added
  std::string name;

  [[nodiscard]] auto key() const { return std::tie(nearness, detail, name); }
  [[nodiscard]] bool equally_near(const Guess& other) const { return nearness == other.nearness && detail == other.detail; }
};

std::optional<Nearness> by_steps(std::string_view wanted, std::string_view name) {
  if (is_swap(wanted, name)) return Nearness::one_step;
  if (is_other_number(wanted, name)) return std::nullopt;
  const std::size_t limit = allowed_steps(wanted, name);
  const std::size_t steps = limit == 0 ? 1 : edit_distance(wanted, name, limit);
  if (steps > limit) return std::nullopt;
  return steps == 1 ? Nearness::one_step : steps == 2 ? Nearness::two_steps : Nearness::three_steps;
}

std::optional<Guess> guess(std::string_view wanted, const std::string& candidate) {
  if (candidate == wanted || candidate.size() > longest_name) return std::nullopt;
  const std::string left = lower_case(wanted);
  const std::string right = lower_case(candidate);
  if (left == right) return Guess{Nearness::other_case, 0, candidate};
  const std::optional<Nearness> steps = by_steps(left, right);
  if (steps == Nearness::one_step) return Guess{*steps, 0, candidate};
  const Words left_words = words_of(left);
  const Words right_words = words_of(right);
  if (same_words(left_words, right_words)) return Guess{Nearness::other_order, 0, candidate};
  if (steps == Nearness::two_steps) return Guess{*steps, 0, candidate};
  const std::size_t added = words_added(left_words, right_words);
  if (added > 0) return Guess{Nearness::words_added, added, candidate};
  return steps ? std::optional<Guess>(Guess{*steps, 0, candidate}) : std::nullopt;
}

constexpr std::array<std::string_view, 4> naming_keys{"app", "app.kubernetes.io/name", "k8s-app", "name"};
constexpr std::array<std::string_view, 8> idle_keys{"app.kubernetes.io/managed-by",
                                                    "app.kubernetes.io/part-of",
                                                    "app.kubernetes.io/version",
                                                    "chart",
                                                    "env",
                                                    "environment",
                                                    "helm.sh/chart",
                                                    "heritage"};

template <std::size_t size>
bool among(const std::array<std::string_view, size>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

int weight(std::string_view key) { return among(naming_keys, key) ? 4 : among(idle_keys, key) ? 1 : 2; }

std::string shown(const std::string& value) { return value.empty() ? "\"\"" : value; }

std::string wanted_text(const Requirement& requirement) {
  if (requirement.op == Requirement::Op::exists) return "any value";
  if (requirement.op == Requirement::Op::does_not_exist) return "no label";
  std::string text = requirement.op == Requirement::Op::not_in ? "anything but " : "";
  for (std::size_t at = 0; at < requirement.values.size(); ++at) {
    if (at > 0) text += " or ";
    text += shown(requirement.values[at]);
  }
  return text;
}

bool is_near(std::string_view wanted, const std::string& found) { return nearest(wanted, {found}).has_value(); }

// The label that stands in the place of a missing one: the right value under a misspelt key, or under another of the
// keys that name the application (app for app.kubernetes.io/name).
const Labels::value_type* stand_in(const Requirement& requirement, const Labels& labels) {
  const bool positive = requirement.op == Requirement::Op::in || requirement.op == Requirement::Op::exists;
  if (!positive) return nullptr;
  for (const auto& entry : labels) {
    const bool right_value = requirement.matches({{requirement.key, entry.second}});
    const bool right_key =
        is_near(requirement.key, entry.first) ||
        (requirement.op == Requirement::Op::in && among(naming_keys, requirement.key) && among(naming_keys, entry.first));
    if (right_value && right_key) return &entry;
  }
  return nullptr;
}

using Item = LabelDifference::Item;

// What is wrong with a requirement that is not met, and how much of its weight counts all the same, in percent.
std::pair<Item, int> shortfall(const Requirement& requirement, const Labels& labels) {
  constexpr int nearly = 75;
  Item item;
  item.key = requirement.key;
  item.wanted = wanted_text(requirement);
  if (const std::string* found = label(labels, requirement.key)) {
    item.what = Item::What::differs;
    item.found = *found;
    const bool guessed =
        requirement.op == Requirement::Op::in && std::any_of(requirement.values.begin(), requirement.values.end(),
                                                             [&](const std::string& value) { return is_near(value, *found); });
    return {std::move(item), guessed ? nearly : 0};
  }
  if (const auto* other = stand_in(requirement, labels)) {
    item.what = Item::What::misspelt_key;
    item.found_key = other->first;
    item.found = other->second;
    return {std::move(item), nearly};
  }
  return {std::move(item), 0};
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit) {
  const std::size_t gap = left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
  if (gap > limit) return limit + 1;
  std::vector<std::size_t> older;
  std::vector<std::size_t> above(right.size() + 1);
  for (std::size_t column = 0; column <= right.size(); ++column) above[column] = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    std::vector<std::size_t> here(right.size() + 1, row);
    for (std::size_t column = 1; column <= right.size(); ++column) {
      const std::size_t replaced = above[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
      here[column] = std::min({replaced, above[column] + 1, here[column - 1] + 1});
      const bool swapped = row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
      if (swapped) here[column] = std::min(here[column], older[column - 2] + 1);
    }
    older = std::exchange(above, std::move(here));
  }
  return std::min(above.back(), limit + 1);
}

std::optional<std::string> nearest(std::string_view wanted, const std::vector<std::string>& candidates) {
  if (wanted.empty() || wanted.size() > longest_name) return std::nullopt;
  std::optional<Guess> best;
  bool tied = false;
  for (const std::string& candidate : candidates) {
    std::optional<Guess> next = guess(wanted, candidate);
    if (!next || (best && best->name == next->name)) continue;
    if (best && next->equally_near(*best)) {
      tied = true;
      if (next->key() < best->key()) best = std::move(next);
    } else if (!best || next->key() < best->key()) {
      tied = false;
      best = std::move(next);
    }
  }
  if (!best || (tied && best->nearness == Nearness::words_added)) return std::nullopt;
  return best->name;
}

std::string LabelDifference::Item::text() const {
  switch (what) {
    case What::missing:
      return key + " is missing, expected " + wanted;
    case What::differs:
      return key + " is " + shown(found.value_or("")) + ", expected " + wanted;
    case What::misspelt_key:
      break;
  }
  return "the label is " + found_key + "=" + found.value_or("") + ", expected " + key + "=" + wanted;
}

LabelDifference closest_labels(const Selector& selector, const Labels& labels) {
  LabelDifference difference;
  difference.total = selector.requirements.size();
  int reached = 0;
  int possible = 0;
  for (const Requirement& requirement : selector.requirements) {
    const int worth = weight(requirement.key);
    possible += worth;
    if (requirement.matches(labels)) {
      ++difference.matched;
      reached += worth * 100;
      continue;
    }
    auto [item, percent] = shortfall(requirement, labels);
    difference.items.push_back(std::move(item));
    reached += worth * percent;
  }
  difference.score = possible == 0 ? 100 : reached / possible;
  return difference;
}

std::optional<NearestLabels> nearest_labels(const Selector& selector, const std::vector<Labels>& candidates) {
  constexpr int plausible = 50;
  std::optional<NearestLabels> best;
  for (std::size_t index = 0; index < candidates.size(); ++index) {
    LabelDifference difference = closest_labels(selector, candidates[index]);
    if (difference.score >= plausible && (!best || difference.score > best->difference.score)) {
      best = NearestLabels{index, std::move(difference)};
    }
  }
  return best;
}

}  // namespace gwdoctor
