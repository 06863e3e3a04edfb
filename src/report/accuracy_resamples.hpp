#pragma once
// One bootstrap for all accuracies of a run: every replicate draws the images once, for all models and variants, so
// that whatever is made of accuracies is paired.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "outcome_table.hpp"

namespace cuebench {

/// How many of the drawn images each model has right under each variant.
class RightCounts {
 public:
  RightCounts(std::span<const std::int32_t> counts, std::size_t models) : counts_(counts), models_(models) {}
  double operator()(int model, int variant) const {
    return counts_[static_cast<std::size_t>(variant) * models_ + static_cast<std::size_t>(model)];
  }

 private:
  std::span<const std::int32_t> counts_;
  std::size_t models_;
};

class AccuracyResamples {
 public:
  /// Both outlive the object.
  AccuracyResamples(const Sample& sample, const BootstrapOptions& options);
  /// Variants in their order.
  void add(const VariantOutcomes& outcomes);
  /// After the last variant: draws on all cores, keyed by (seed, replicate), so that the result does not depend on
  /// them.
  void draw();

  /// Images of the sample, and of every replicate.
  double images() const { return static_cast<double>(position_.size()); }
  RightCounts observed() const { return {observed_, models_}; }
  /// The statistic (NaN = undefined) on the data, with the percentile interval of the replicates. `method` says how;
  /// the default names the bootstrap.
  Measure measure(const std::function<double(const RightCounts&)>& statistic, std::string method = "") const;

 private:
  using Words = std::vector<std::uint64_t>;
  void draw_replicate(int replicate, std::vector<std::uint8_t>& times, Words& random, std::vector<Words>& planes);

  const Sample& sample_;
  const BootstrapOptions& options_;
  std::size_t models_ = 0;
  std::vector<std::size_t> position_;  ///< items of the sample, stratum by stratum
  std::vector<std::uint32_t> stratum_sizes_;
  std::vector<Words> right_;                    ///< variant-major, then model: one bit a position
  std::vector<std::int32_t> observed_, drawn_;  ///< as right_; replicate-major
};

/// Fills `retained`: accuracy / accuracy on clean.
void add_retained(VariantScores& scores, const AccuracyResamples& resamples);

}  // namespace cuebench
