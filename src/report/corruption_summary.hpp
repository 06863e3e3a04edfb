#pragma once
// ImageNet-C's summary of a run that has all its corruptions as variants.

#include "outcome_table.hpp"

namespace cuebench {

/// The classes are WordNet ids and the models have ImageNet's 1,000 outputs (a sample may have fewer classes).
bool has_images_of_imagenet(const RunDescription& run);

/// Which variants belong together, and how often each model is right on every image under each corruption.
class CorruptionTally {
 public:
  /// @throws UsageError when `mce_baseline` is no model of the run, or the run has not all corruptions.
  CorruptionTally(const RunDescription& run, std::string mce_baseline);
  void add(int variant, const VariantOutcomes& outcomes);
  /// Values as scoring::score_corruptions has them; intervals from images drawn for all models together.
  std::vector<CorruptionSummary> summarise(const Sample& sample, const BootstrapOptions& options) const;

 private:
  struct Setting {
    CorruptionSummary summary;
    std::vector<std::vector<std::vector<signed char>>> right;  ///< [model][corruption][item], of the severities
  };
  CorruptionSummary evaluate(const Setting& setting, const Sample& sample, const BootstrapOptions& options) const;

  const RunDescription& run_;
  int baseline_ = -1;           ///< index of a model
  bool images_of_imagenet_ = false;
  std::vector<Setting> settings_;
  std::vector<std::vector<char>> clean_;  ///< [model][item]
};

}  // namespace cuebench
