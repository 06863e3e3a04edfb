#include "shape_bias.hpp"

#include <limits>

#include <cuebench/metrics/cue_decision.hpp>

#include "measure.hpp"

namespace cuebench {
namespace {

constexpr const char* kNoConflict = "no scored image has a shape label that differs from its texture label";
constexpr const char* kNeither = "no decision for the shape or the texture class";

Measure bias_of(const CueCounts& counts) {
  return share_measure(counts.shape, counts.shape + counts.texture, kNeither);
}

/// 3 * decision of the robust model + decision of the standard one.
double difference_of_bias(std::span<const std::int64_t> pooled) {
  const auto robust = shape_bias_of(pooled[3] + pooled[4] + pooled[5], pooled[6] + pooled[7] + pooled[8]);
  const auto standard = shape_bias_of(pooled[1] + pooled[4] + pooled[7], pooled[2] + pooled[5] + pooled[8]);
  return robust && standard ? *robust - *standard : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

ConflictSample make_conflict_sample(const RunStore& store, const ScoredItems& items) {
  const std::vector<StoredItem>& stored = store.description().items;
  ConflictSample sample;
  sample.shape.assign(stored.size(), -1);
  sample.texture.assign(stored.size(), -1);
  for (std::size_t item = 0; item < stored.size(); ++item) {
    if (!items.scored[item] || stored[item].shape_label < 0 || stored[item].texture_label < 0 ||
        stored[item].shape_label == stored[item].texture_label)
      continue;
    sample.shape[item] = stored[item].shape_label;
    sample.texture[item] = stored[item].texture_label;
  }
  sample.strata = stratify(sample.shape);
  return sample;
}

ShapeBiasScores shape_bias(int model, int variant, const VariantOutcomes& outcomes, const ConflictSample& sample,
                           std::size_t classes) {
  ShapeBiasScores scores;
  scores.model = model;
  scores.variant = variant;
  scores.class_counts.resize(classes);
  for (std::size_t item = 0; item < sample.shape.size(); ++item) {
    if (sample.shape[item] < 0) continue;
    const CueDecision decision =
        cue_decision(outcomes.predicted[model][item], sample.shape[item], sample.texture[item]);
    scores.counts.add(decision);
    if (static_cast<std::size_t>(sample.shape[item]) < classes) scores.class_counts[sample.shape[item]].add(decision);
  }
  const std::int64_t n = sample.strata.items;
  scores.bias = n == 0 ? undefined_measure(0, kNoConflict) : bias_of(scores.counts);
  scores.shape_share = share_measure(scores.counts.shape, n, kNoConflict);
  scores.texture_share = share_measure(scores.counts.texture, n, kNoConflict);
  scores.other_share = share_measure(scores.counts.other, n, kNoConflict);
  double sum = 0;
  std::int64_t defined = 0;
  for (const CueCounts& counts : scores.class_counts) {
    scores.class_bias.push_back(bias_of(counts));
    if (!scores.class_bias.back().value) continue;
    sum += *scores.class_bias.back().value;
    ++defined;
  }
  scores.class_mean = defined == 0 ? undefined_measure(0, n == 0 ? kNoConflict : kNeither)
                                   : plain_measure(sum / static_cast<double>(defined), defined,
                                                   "mean over the classes with a value; n counts classes");
  return scores;
}

Measure shape_bias_difference(int robust, int standard, const VariantOutcomes& outcomes, const ConflictSample& sample,
                              const BootstrapOptions& options) {
  if (sample.strata.items == 0) return undefined_measure(0, kNoConflict);
  const CategoryCounts joint = count_categories(sample.strata, 9, [&](std::size_t item) {
    const auto decision = [&](int model) {
      return static_cast<int>(cue_decision(outcomes.predicted[model][item], sample.shape[item], sample.texture[item]));
    };
    return 3 * decision(robust) + decision(standard);
  });
  Measure difference = measure_of(bootstrap_counts(joint, difference_of_bias, "shape_bias_difference", options),
                                  sample.strata.method(options));
  if (!difference.value) difference.method = "a model never decides for the shape or the texture class";
  return difference;
}

}  // namespace cuebench
