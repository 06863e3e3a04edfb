#pragma once
// The numbers of two sides on joined images.

#include <span>
#include <vector>

#include <cuebench/report/comparison.hpp>

namespace cuebench {

/// One image that both sides have decided on. Equal decisions have equal numbers on both sides.
struct JoinedImage {
  std::int64_t item = 0;  ///< in the first run
  int label = -1;         ///< -1: unknown
  int first = -1, second = -1;
  bool first_right = false, second_right = false;
};

/// Everything but the adjusted p and the list of differing images.
VariantAgreement measure_agreement(std::span<const JoinedImage> images, const BootstrapOptions& options);

/// Fills holm_p and benjamini_hochberg_p from the mcnemar_p of all variants.
void adjust_over_variants(std::vector<VariantAgreement>& variants);

}  // namespace cuebench
