#pragma once
// What was probably meant: the name that comes nearest to one that does not exist, and the labels that come nearest
// to a selector that matches nothing. A wrong guess is worse than none, so both stay silent in doubt.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/selector.h"

namespace gwdoctor {

// How many single steps turn one text into the other: a letter added, dropped, replaced, or two neighbours swapped
// (Damerau-Levenshtein, no part edited twice). Counts bytes; `limit` + 1 where it takes more than `limit` steps.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit);

// The candidate that `wanted` was probably meant to be, or nothing. In this order: the same but for case; one step
// away; the same words in another order (api-payments, payments-api); two steps; words added at one end (payments,
// payments-api); three steps. Short names allow fewer steps, numbers only a digit more or less or swapped. Where two
// candidates come equally near by their words, neither is meant; by their steps, the first in the alphabet is.
// A candidate equal to `wanted` is passed over.
[[nodiscard]] std::optional<std::string> nearest(std::string_view wanted, const std::vector<std::string>& candidates);

// How a set of labels falls short of a selector.
struct LabelDifference {
  struct Item {
    enum class What { missing, differs, misspelt_key };
    What what = What::missing;
    std::string key;                   // of the selector
    std::string wanted;                // "payments", "a or b", "anything but a", "any value", "no label"
    std::optional<std::string> found;  // the value that the labels have
    std::string found_key;             // misspelt_key: the key that the labels have in its place

    // "app is payment, expected payments"; "tier is missing, expected backend"; "the label is ap=payments, expected
    // app=payments": for messages.
    [[nodiscard]] std::string text() const;
  };
  std::vector<Item> items;  // one for each requirement that is not met, in the selector's order
  std::size_t matched = 0;  // requirements that are met
  std::size_t total = 0;    // requirements
  // 0 (nothing in common) to 100 (matches). Labels that name the application (app, app.kubernetes.io/name …) weigh
  // more than others, those that come with every chart (helm.sh/chart, app.kubernetes.io/managed-by …) less; a value
  // or key that nearest() would have guessed counts for three quarters.
  int score = 0;

  [[nodiscard]] bool matches() const { return items.empty(); }
};
[[nodiscard]] LabelDifference closest_labels(const Selector& selector, const Labels& labels);

// Which of several sets of labels comes nearest to the selector: the index of the best, the earlier one of equals.
// Nothing where none is near enough that the selector was plausibly meant for it (a score of 50).
struct NearestLabels {
  std::size_t index = 0;
  LabelDifference difference;
};
[[nodiscard]] std::optional<NearestLabels> nearest_labels(const Selector& selector, const std::vector<Labels>& candidates);

}  // namespace gwdoctor
