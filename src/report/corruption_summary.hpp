#pragma once
// ImageNet-C's summary of a run that has all its corruptions as variants.

#include "accuracy_resamples.hpp"

namespace cuebench {

/// The classes are WordNet ids and the models have ImageNet's 1,000 outputs (a sample may have fewer classes).
bool has_images_of_imagenet(const RunDescription& run);

/// Which variants belong together.
class CorruptionSets {
 public:
  /// @throws UsageError when `mce_baseline` is no model of the run, or the run has not all corruptions.
  CorruptionSets(const RunDescription& run, const std::string& mce_baseline);
  /// Values as scoring::score_corruptions has them.
  std::vector<CorruptionSummary> summarise(const AccuracyResamples& resamples) const;

 private:
  CorruptionScoresOfModel evaluate(int model, const CorruptionSummary& set, const AccuracyResamples& resamples) const;

  const RunDescription& run_;
  int baseline_ = -1;  ///< index of a model
  bool images_of_imagenet_ = false;
  std::vector<CorruptionSummary> sets_;  ///< without models
};

}  // namespace cuebench
