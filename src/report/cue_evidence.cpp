#include "cue_evidence.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "measure.hpp"
#include "resampler.hpp"

namespace cuebench {
namespace {

/// Above this many images, consecutive images of a class are drawn together: the interval is the same, the cost
/// bounded.
constexpr std::int64_t kMaximumUnits = 2000;

enum Field { robust_clean, standard_clean, robust_shape, standard_shape, robust_texture, standard_texture, kFields };
enum Value {
  robust_shape_kept,
  standard_shape_kept,
  shape_difference,
  robust_texture_kept,
  standard_texture_kept,
  texture_difference,
  contrast,
  kValues
};
using Values = std::array<double, kValues>;

double ratio(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : std::numeric_limits<double>::quiet_NaN();
}

Values evaluate(std::span<const double> sums, double shape_variants, double texture_variants) {
  Values values{};
  values[robust_shape_kept] = ratio(sums[robust_shape], shape_variants * sums[robust_clean]);
  values[standard_shape_kept] = ratio(sums[standard_shape], shape_variants * sums[standard_clean]);
  values[shape_difference] = values[robust_shape_kept] - values[standard_shape_kept];
  values[robust_texture_kept] = ratio(sums[robust_texture], texture_variants * sums[robust_clean]);
  values[standard_texture_kept] = ratio(sums[standard_texture], texture_variants * sums[standard_clean]);
  values[texture_difference] = values[robust_texture_kept] - values[standard_texture_kept];
  values[contrast] = values[shape_difference] - values[texture_difference];
  return values;
}

void add_item(std::vector<double>& sums, int unit, std::size_t item, int robust, int standard, const CueTally& tally,
              const VariantOutcomes& clean) {
  double* row = sums.data() + static_cast<std::size_t>(unit) * kFields;
  row[robust_clean] += clean.correct[robust][item];
  row[standard_clean] += clean.correct[standard][item];
  row[robust_shape] += tally.shape_right[robust][item];
  row[standard_shape] += tally.shape_right[standard][item];
  row[robust_texture] += tally.texture_right[robust][item];
  row[standard_texture] += tally.texture_right[standard][item];
}

/// Sums of every unit, one table a stratum.
std::vector<std::vector<double>> sums_of_units(const ResamplingUnits& units, int robust, int standard,
                                               const CueTally& tally, const VariantOutcomes& clean,
                                               const Sample& sample) {
  std::vector<std::vector<double>> sums;
  for (const int count : units.units_of_stratum()) sums.emplace_back(static_cast<std::size_t>(count) * kFields, 0.0);
  for (std::size_t item = 0; item < sample.labels.size(); ++item)
    if (units.unit_of(item) >= 0)
      add_item(sums[sample.strata.of_item[item]], units.unit_of(item), item, robust, standard, tally, clean);
  return sums;
}

}  // namespace

CueTally::CueTally(const RunDescription& run)
    : shape_right(run.models.size(), std::vector<int>(run.items.size(), 0)),
      texture_right(run.models.size(), std::vector<int>(run.items.size(), 0)) {
  for (std::size_t variant = 1; variant < run.variants.size(); ++variant) {
    if (run.variants[variant].keeps == "shape") shape_variants.push_back(static_cast<int>(variant));
    if (run.variants[variant].keeps == "texture") texture_variants.push_back(static_cast<int>(variant));
  }
}

void CueTally::add(int variant, const VariantOutcomes& outcomes) {
  const auto add_to = [&](std::vector<std::vector<int>>& right) {
    for (std::size_t model = 0; model < right.size(); ++model)
      for (std::size_t item = 0; item < right[model].size(); ++item)
        right[model][item] += outcomes.correct[model][item];
  };
  if (std::find(shape_variants.begin(), shape_variants.end(), variant) != shape_variants.end()) add_to(shape_right);
  if (std::find(texture_variants.begin(), texture_variants.end(), variant) != texture_variants.end())
    add_to(texture_right);
}

CueEvidence weigh_cues(int robust, int standard, const CueTally& tally, const VariantOutcomes& clean,
                       const Sample& sample, const BootstrapOptions& options, bool has_cues) {
  CueEvidence evidence;
  evidence.shape_variants = tally.shape_variants;
  evidence.texture_variants = tally.texture_variants;
  if (has_cues) {
    evidence.robust_shape = evidence.standard_shape = evidence.shape_difference = evidence.robust_texture =
        evidence.standard_texture = evidence.texture_difference = evidence.contrast =
            undefined_measure(sample.strata.items, "the cues of the clean images conflict: see the shape bias");
    return evidence;
  }
  const ResamplingPlan plan{options.replicates, options.confidence, options.seed};
  const ResamplingUnits units(sample.strata, kMaximumUnits);
  const auto sums = sums_of_units(units, robust, standard, tally, clean, sample);
  const auto shapes = static_cast<double>(tally.shape_variants.size());
  const auto textures = static_cast<double>(tally.texture_variants.size());

  std::vector<std::array<double, kFields>> totals(static_cast<std::size_t>(plan.replicates));
  std::array<double, kFields> observed{};
  for (std::size_t stratum = 0; stratum < sums.size(); ++stratum) {
    for (std::size_t i = 0; i < sums[stratum].size(); ++i) observed[i % kFields] += sums[stratum][i];
    resample_stratum(sums[stratum], kFields, fmt::format("stratum {}", stratum), plan,
                     [&](int replicate, std::span<const double> drawn) {
                       for (int field = 0; field < kFields; ++field) totals[replicate][field] += drawn[field];
                     });
  }

  const Values point = evaluate(observed, shapes, textures);
  std::array<std::vector<double>, kValues> replicates;
  for (const auto& total : totals) {
    const Values drawn = evaluate(total, shapes, textures);
    for (int value = 0; value < kValues; ++value) replicates[value].push_back(drawn[value]);
  }
  std::string method = sample.strata.method(options);
  if (units.images_per_unit() > 1) method += fmt::format(", units of {} images", units.images_per_unit());
  const auto measure = [&](Value value, bool variants_there, const char* missing) {
    if (!variants_there) return undefined_measure(sample.strata.items, missing);
    if (point[value] != point[value]) return undefined_measure(sample.strata.items, "a model has no clean image right");
    return percentile_measure(point[value], replicates[value], sample.strata.items, plan, method);
  };
  constexpr const char* kNoShape = "no variant keeps only shape";
  constexpr const char* kNoTexture = "no variant keeps only texture";
  evidence.robust_shape = measure(robust_shape_kept, shapes > 0, kNoShape);
  evidence.standard_shape = measure(standard_shape_kept, shapes > 0, kNoShape);
  evidence.shape_difference = measure(shape_difference, shapes > 0, kNoShape);
  evidence.robust_texture = measure(robust_texture_kept, textures > 0, kNoTexture);
  evidence.standard_texture = measure(standard_texture_kept, textures > 0, kNoTexture);
  evidence.texture_difference = measure(texture_difference, textures > 0, kNoTexture);
  evidence.contrast = measure(contrast, shapes > 0 && textures > 0, shapes > 0 ? kNoTexture : kNoShape);
  return evidence;
}

}  // namespace cuebench
