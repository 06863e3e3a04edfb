#pragma once
// Robust minus standard under one variant.

#include "outcome_table.hpp"

namespace cuebench {

/// Differences of accuracy; `holm_p` and the shape bias difference are filled in elsewhere.
VariantComparison compare_pair(int robust, int standard, int variant, const VariantOutcomes& clean,
                               const VariantOutcomes& outcomes, const Sample& sample, const BootstrapOptions& options);

/// Fills holm_p and benjamini_hochberg_p from the mcnemar_p of all variants of one pair, clean included.
void adjust_over_variants(std::vector<VariantComparison>& variants);

}  // namespace cuebench
