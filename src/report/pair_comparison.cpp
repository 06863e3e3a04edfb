#include "pair_comparison.hpp"

#include "adjusted_p_values.hpp"
#include "measure.hpp"

namespace cuebench {

VariantComparison compare_pair(int robust, int standard, int variant, const VariantOutcomes& outcomes,
                               const Sample& sample) {
  VariantComparison comparison;
  comparison.variant = variant;
  const std::int64_t n = sample.strata.items;
  if (n == 0) {
    comparison.difference = comparison.mcnemar_p = comparison.relative_to_clean =
        undefined_measure(0, "no scored image has a label");
    return comparison;
  }
  for (std::size_t item = 0; item < sample.labels.size(); ++item) {
    if (sample.strata.of_item[item] < 0) continue;
    comparison.only_robust += outcomes.correct[robust][item] > outcomes.correct[standard][item];
    comparison.only_standard += outcomes.correct[robust][item] < outcomes.correct[standard][item];
  }
  comparison.mcnemar_p =
      plain_measure(mcnemar_exact(comparison.only_robust, comparison.only_standard), n, "exact McNemar, two-sided");
  return comparison;
}

void add_differences(PairComparison& pair, const AccuracyResamples& resamples) {
  const double images = resamples.images();
  if (images == 0) return;
  for (VariantComparison& comparison : pair.variants) {
    const auto gain = [&](const RightCounts& right, int variant) {
      return (right(pair.robust, variant) - right(pair.standard, variant)) / images;
    };
    const int variant = comparison.variant;
    comparison.difference = resamples.measure([&](const RightCounts& right) { return gain(right, variant); });
    comparison.relative_to_clean =
        variant == 0
            ? undefined_measure(static_cast<std::int64_t>(images), "clean is what the others are compared with")
            : resamples.measure([&](const RightCounts& right) { return gain(right, variant) - gain(right, 0); });
  }
}

void adjust_over_variants(std::vector<VariantComparison>& variants) {
  adjust_p_values(variants, "the variants of the pair");
}

}  // namespace cuebench
