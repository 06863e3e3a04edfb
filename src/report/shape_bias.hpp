#pragma once
// Shape bias on images whose shape and texture belong to different classes.

#include <vector>

#include "outcome_table.hpp"

namespace cuebench {

/// The scored items with shape and texture labels that differ; strata are the shape classes.
struct ConflictSample {
  std::vector<int> shape, texture;  ///< by item; -1 for items outside
  Strata strata;
};
ConflictSample make_conflict_sample(const RunStore& store, const ScoredItems& items);

ShapeBiasScores shape_bias(int model, int variant, const VariantOutcomes& outcomes, const ConflictSample& sample,
                           std::size_t classes);

/// Shape bias of the robust model minus that of the standard one, resampled over joint decisions.
Measure shape_bias_difference(int robust, int standard, const VariantOutcomes& outcomes, const ConflictSample& sample,
                              const BootstrapOptions& options);

}  // namespace cuebench
