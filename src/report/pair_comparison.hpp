#pragma once
// Robust minus standard under one variant.

#include "accuracy_resamples.hpp"

namespace cuebench {

/// Who alone is right, and the test of it; the rest is filled in when all variants have been read.
VariantComparison compare_pair(int robust, int standard, int variant, const VariantOutcomes& outcomes,
                               const Sample& sample);

/// Differences of accuracy under every variant, and beyond the one on clean.
void add_differences(PairComparison& pair, const AccuracyResamples& resamples);

/// Fills holm_p and benjamini_hochberg_p from the mcnemar_p of all variants of one pair, clean included.
void adjust_over_variants(std::vector<VariantComparison>& variants);

}  // namespace cuebench
