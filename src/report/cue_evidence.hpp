#pragma once
// What the variants that keep one cue say together about a pair.

#include <vector>

#include "outcome_table.hpp"

namespace cuebench {

/// Right answers of each model on each image, summed over the variants that keep only shape, or only texture.
struct CueTally {
  std::vector<int> shape_variants, texture_variants;
  std::vector<std::vector<int>> shape_right, texture_right;  ///< [model][item]

  explicit CueTally(const RunDescription& run);
  void add(int variant, const VariantOutcomes& outcomes);
};

/// `has_cues`: the data set's cues conflict on clean; then every measure is absent.
CueEvidence weigh_cues(int robust, int standard, const CueTally& tally, const VariantOutcomes& clean,
                       const Sample& sample, const BootstrapOptions& options, bool has_cues);

}  // namespace cuebench
