#include "cue_evidence.hpp"

#include <limits>

#include "measure.hpp"

namespace cuebench {
namespace {

std::vector<int> variants_that_keep(std::string_view cue, const RunDescription& run) {
  std::vector<int> variants;
  for (std::size_t variant = 1; variant < run.variants.size(); ++variant)
    if (run.variants[variant].keeps == cue) variants.push_back(static_cast<int>(variant));
  return variants;
}

/// Mean accuracy over the variants / accuracy on clean.
double kept(int model, const std::vector<int>& variants, const RightCounts& right) {
  const double clean = right(model, 0);
  if (!(clean > 0)) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const int variant : variants) sum += right(model, variant);
  return sum / (static_cast<double>(variants.size()) * clean);
}

}  // namespace

CueEvidence weigh_cues(int robust, int standard, const RunDescription& run, const AccuracyResamples& resamples) {
  CueEvidence evidence;
  evidence.shape_variants = variants_that_keep("shape", run);
  evidence.texture_variants = variants_that_keep("texture", run);
  const auto images = static_cast<std::int64_t>(resamples.images());
  if (run.has_cues) {
    evidence.robust_shape = evidence.standard_shape = evidence.shape_difference = evidence.robust_texture =
        evidence.standard_texture = evidence.texture_difference = evidence.contrast =
            undefined_measure(images, "the cues of the clean images conflict: see the shape bias");
    return evidence;
  }
  const std::vector<int>&shape = evidence.shape_variants, &texture = evidence.texture_variants;
  constexpr const char *kNoShape = "no variant keeps only shape", *kNoTexture = "no variant keeps only texture";
  const auto measure = [&](const char* missing, const std::function<double(const RightCounts&)>& statistic) {
    if (missing) return undefined_measure(images, missing);
    Measure result = resamples.measure(statistic);
    if (!result.value) result.method = "a model has no clean image right";
    return result;
  };
  const auto difference = [&](const std::vector<int>& variants, const RightCounts& right) {
    return kept(robust, variants, right) - kept(standard, variants, right);
  };
  const char *no_shape = shape.empty() ? kNoShape : nullptr, *no_texture = texture.empty() ? kNoTexture : nullptr;
  evidence.robust_shape = measure(no_shape, [&](const RightCounts& right) { return kept(robust, shape, right); });
  evidence.standard_shape = measure(no_shape, [&](const RightCounts& right) { return kept(standard, shape, right); });
  evidence.shape_difference = measure(no_shape, [&](const RightCounts& right) { return difference(shape, right); });
  evidence.robust_texture = measure(no_texture, [&](const RightCounts& right) { return kept(robust, texture, right); });
  evidence.standard_texture =
      measure(no_texture, [&](const RightCounts& right) { return kept(standard, texture, right); });
  evidence.texture_difference =
      measure(no_texture, [&](const RightCounts& right) { return difference(texture, right); });
  evidence.contrast = measure(no_shape ? no_shape : no_texture, [&](const RightCounts& right) {
    return difference(shape, right) - difference(texture, right);
  });
  return evidence;
}

}  // namespace cuebench
