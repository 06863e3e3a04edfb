#include "agreement.hpp"

#include "../adjusted_p_values.hpp"
#include "../measure.hpp"
#include "../strata.hpp"

namespace cuebench {
namespace {

constexpr const char* kNoImages = "no image was joined";
constexpr const char* kNoLabels = "no joined image has a label";

/// Category = 2 * first is right + second is right.
AgreementCounts counts_of(std::span<const std::int64_t> pooled) {
  return {.both = pooled[3], .only_first = pooled[2], .only_second = pooled[1], .neither = pooled[0]};
}

Measure kappa_of(std::span<const JoinedImage> images, const BootstrapOptions& options) {
  std::vector<int> labels;
  for (const JoinedImage& image : images) labels.push_back(image.label);
  const Strata strata = stratify(labels);
  if (strata.items == 0) return undefined_measure(0, kNoLabels);
  const CategoryCounts counts = count_categories(
      strata, 4, [&](std::size_t i) { return 2 * int{images[i].first_right} + int{images[i].second_right}; });
  const auto kappa = [](std::span<const std::int64_t> pooled) { return error_consistency(counts_of(pooled))->kappa; };
  return measure_of(bootstrap_counts(counts, kappa, "error_consistency", options), strata.method(options));
}

}  // namespace

VariantAgreement measure_agreement(std::span<const JoinedImage> images, const BootstrapOptions& options) {
  VariantAgreement agreement;
  std::int64_t identical = 0;
  for (const JoinedImage& image : images) {
    identical += image.first == image.second;
    if (image.label < 0) continue;
    const bool first = image.first_right, second = image.second_right;
    agreement.right += {.both = first && second,
                        .only_first = first && !second,
                        .only_second = !first && second,
                        .neither = !first && !second};
  }
  const AgreementCounts& right = agreement.right;
  agreement.identical = share_measure(identical, std::ssize(images), kNoImages);
  agreement.first_top1 = share_measure(right.both + right.only_first, right.n(), kNoLabels);
  agreement.second_top1 = share_measure(right.both + right.only_second, right.n(), kNoLabels);
  agreement.kappa = kappa_of(images, options);
  agreement.mcnemar_p = right.n() == 0 ? undefined_measure(0, kNoLabels)
                                       : plain_measure(mcnemar_exact(right.only_first, right.only_second), right.n(),
                                                       "exact McNemar, two-sided");
  return agreement;
}

void adjust_over_variants(std::vector<VariantAgreement>& variants) {
  adjust_p_values(variants, "the variants");
}

}  // namespace cuebench
