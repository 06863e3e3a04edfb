#pragma once
// The outcomes of one variant in memory: what paired comparisons need of every image.

#include <span>
#include <vector>

#include <cuebench/report/summary.hpp>
#include <cuebench/store/run_store.hpp>

#include "strata.hpp"

namespace cuebench {

/// Items that every model scored under every variant.
struct ScoredItems {
  std::vector<char> scored;  ///< by item
  ItemCounts counts;
};
ScoredItems find_scored_items(const RunStore& store);

/// [model][item]; items that are not scored hold -1, 0 and 0.
struct VariantOutcomes {
  std::vector<std::vector<int>> predicted;
  std::vector<std::vector<char>> correct;
  std::vector<std::vector<float>> confidence;
};

/// What the accuracies are over: labels of scored items (-1: not scored or no label) and their strata.
struct Sample {
  ScoredItems items;
  std::vector<int> labels;
  Strata strata;
};
Sample make_sample(const RunStore& store);

/// Reads one variant, fills `outcomes`, and returns every model's scores except those that need clean.
std::vector<VariantScores> read_variant(const RunStore& store, int variant, const Sample& sample,
                                        VariantOutcomes& outcomes);

/// Adds how often the answer is the one on clean.
void compare_with_clean(VariantScores& scores, const VariantOutcomes& clean, const VariantOutcomes& outcomes,
                        const Sample& sample);

}  // namespace cuebench
