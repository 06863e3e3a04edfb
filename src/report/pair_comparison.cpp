#include "pair_comparison.hpp"

#include <limits>

#include "measure.hpp"

namespace cuebench {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Sums over the joint categories of four yes/no answers, coded as bits.
struct JointCounts {
  enum Bit { standard_right = 1, robust_right = 2, standard_right_on_clean = 4, robust_right_on_clean = 8 };
  std::span<const std::int64_t> pooled;

  double with(Bit bit) const {
    std::int64_t sum = 0;
    for (std::size_t category = 0; category < pooled.size(); ++category)
      if (category & bit) sum += pooled[category];
    return static_cast<double>(sum);
  }
  double all() const {
    std::int64_t sum = 0;
    for (const std::int64_t n : pooled) sum += n;
    return static_cast<double>(sum);
  }
};

double accuracy_difference(std::span<const std::int64_t> pooled) {
  const JointCounts counts{pooled};
  return (counts.with(JointCounts::robust_right) - counts.with(JointCounts::standard_right)) / counts.all();
}

double difference_relative_to_clean(std::span<const std::int64_t> pooled) {
  const JointCounts counts{pooled};
  const double robust = counts.with(JointCounts::robust_right) - counts.with(JointCounts::robust_right_on_clean);
  const double standard = counts.with(JointCounts::standard_right) - counts.with(JointCounts::standard_right_on_clean);
  return (robust - standard) / counts.all();
}

double retained_difference(std::span<const std::int64_t> pooled) {
  const JointCounts counts{pooled};
  const double robust = counts.with(JointCounts::robust_right_on_clean);
  const double standard = counts.with(JointCounts::standard_right_on_clean);
  if (robust == 0 || standard == 0) return kUndefined;
  return counts.with(JointCounts::robust_right) / robust - counts.with(JointCounts::standard_right) / standard;
}

void compare_discordant(VariantComparison& comparison, std::int64_t n) {
  comparison.mcnemar_p =
      plain_measure(mcnemar_exact(comparison.only_robust, comparison.only_standard), n, "exact McNemar, two-sided");
}

}  // namespace

VariantComparison compare_pair(int robust, int standard, int variant, const VariantOutcomes& clean,
                               const VariantOutcomes& outcomes, const Sample& sample, const BootstrapOptions& options) {
  VariantComparison comparison;
  comparison.variant = variant;
  const std::int64_t n = sample.strata.items;
  if (n == 0) {
    const Measure none = undefined_measure(0, "no scored image has a label");
    comparison.difference = comparison.mcnemar_p = comparison.relative_to_clean = comparison.retained_difference = none;
    return comparison;
  }
  // 2 x 2: right or wrong of both models under this variant.
  const CategoryCounts now = count_categories(sample.strata, 4, [&](std::size_t item) {
    return 2 * outcomes.correct[robust][item] + outcomes.correct[standard][item];
  });
  for (const std::vector<std::int64_t>& stratum : now) {
    comparison.only_robust += stratum[2];
    comparison.only_standard += stratum[1];
  }
  const std::string method = sample.strata.method(options);
  comparison.difference =
      measure_of(bootstrap_counts(now, accuracy_difference, "accuracy_difference", options), method);
  compare_discordant(comparison, n);
  if (variant == 0) {
    comparison.relative_to_clean = comparison.retained_difference =
        undefined_measure(n, "clean is what the others are compared with");
    return comparison;
  }
  const CategoryCounts joint = count_categories(sample.strata, 16, [&](std::size_t item) {
    return 8 * clean.correct[robust][item] + 4 * clean.correct[standard][item] + 2 * outcomes.correct[robust][item] +
           outcomes.correct[standard][item];
  });
  comparison.relative_to_clean =
      measure_of(bootstrap_counts(joint, difference_relative_to_clean, "relative_to_clean", options), method);
  comparison.retained_difference =
      measure_of(bootstrap_counts(joint, retained_difference, "retained_difference", options), method);
  if (!comparison.retained_difference.value) comparison.retained_difference.method = "a model has no clean image right";
  return comparison;
}

void adjust_over_variants(std::vector<VariantComparison>& variants) {
  std::vector<double> p_values;
  for (const VariantComparison& comparison : variants)
    if (comparison.mcnemar_p.value) p_values.push_back(*comparison.mcnemar_p.value);
  const std::vector<double> adjusted = holm_adjust(p_values);
  std::size_t next = 0;
  for (VariantComparison& comparison : variants) {
    comparison.holm_p = comparison.mcnemar_p;
    if (!comparison.mcnemar_p.value) continue;
    comparison.holm_p.value = adjusted[next++];
    comparison.holm_p.method = "exact McNemar, Holm over the variants of the pair";
  }
}

}  // namespace cuebench
