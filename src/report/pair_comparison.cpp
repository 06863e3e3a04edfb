#include "pair_comparison.hpp"

#include "measure.hpp"

namespace cuebench {
namespace {

/// Both differences are means of a small integer per image, so counts of its values are all that resampling needs.
constexpr int kLargest = 2;  ///< of |value|
constexpr int kValues = 2 * kLargest + 1;

double mean_value(std::span<const std::int64_t> pooled) {
  std::int64_t sum = 0, n = 0;
  for (int category = 0; category < kValues; ++category) {
    sum += (category - kLargest) * pooled[category];
    n += pooled[category];
  }
  return static_cast<double>(sum) / static_cast<double>(n);
}

template <typename ValueOf>
Measure bootstrap_mean(const Strata& strata, ValueOf value_of, std::string_view purpose,
                       const BootstrapOptions& options) {
  const CategoryCounts counts =
      count_categories(strata, kValues, [&](std::size_t item) { return value_of(item) + kLargest; });
  return measure_of(bootstrap_counts(counts, mean_value, purpose, options), strata.method(options));
}

}  // namespace

VariantComparison compare_pair(int robust, int standard, int variant, const VariantOutcomes& clean,
                               const VariantOutcomes& outcomes, const Sample& sample, const BootstrapOptions& options) {
  VariantComparison comparison;
  comparison.variant = variant;
  const std::int64_t n = sample.strata.items;
  if (n == 0) {
    comparison.difference = comparison.mcnemar_p = comparison.relative_to_clean =
        undefined_measure(0, "no scored image has a label");
    return comparison;
  }
  const auto gain = [&](const VariantOutcomes& of, std::size_t item) {
    return of.correct[robust][item] - of.correct[standard][item];
  };
  for (std::size_t item = 0; item < sample.labels.size(); ++item) {
    if (sample.strata.of_item[item] < 0) continue;
    comparison.only_robust += gain(outcomes, item) > 0;
    comparison.only_standard += gain(outcomes, item) < 0;
  }
  comparison.difference = bootstrap_mean(
      sample.strata, [&](std::size_t item) { return gain(outcomes, item); }, "accuracy_difference", options);
  comparison.mcnemar_p =
      plain_measure(mcnemar_exact(comparison.only_robust, comparison.only_standard), n, "exact McNemar, two-sided");
  comparison.relative_to_clean =
      variant == 0 ? undefined_measure(n, "clean is what the others are compared with")
                   : bootstrap_mean(
                         sample.strata, [&](std::size_t item) { return gain(outcomes, item) - gain(clean, item); },
                         "relative_to_clean", options);
  return comparison;
}

void adjust_over_variants(std::vector<VariantComparison>& variants) {
  std::vector<double> p_values;
  for (const VariantComparison& comparison : variants)
    if (comparison.mcnemar_p.value) p_values.push_back(*comparison.mcnemar_p.value);
  const std::vector<double> holm = holm_adjust(p_values), rates = benjamini_hochberg_adjust(p_values);
  std::size_t next = 0;
  for (VariantComparison& comparison : variants) {
    comparison.holm_p = comparison.benjamini_hochberg_p = comparison.mcnemar_p;
    if (!comparison.mcnemar_p.value) continue;
    comparison.holm_p.value = holm[next];
    comparison.holm_p.method = "exact McNemar, Holm over the variants of the pair";
    comparison.benjamini_hochberg_p.value = rates[next++];
    comparison.benjamini_hochberg_p.method = "exact McNemar, Benjamini and Hochberg over the variants of the pair";
  }
}

}  // namespace cuebench
