#pragma once
// Resampling of images for statistics of many sums: one set of draws serves every statistic, model, layer and variant,
// so that their differences are paired.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/report/summary.hpp>

#include "strata.hpp"

namespace cuebench {

/// The items of each stratum, in runs of `images_per_unit` consecutive ones. 1 unless there are many images; then about
/// `maximum_units` in all, but never fewer than kMinimumStratum in the smallest stratum: resampling n units has (n - 1)
/// / n of the variance.
class ResamplingUnits {
 public:
  ResamplingUnits(const Strata& strata, std::int64_t maximum_units);
  /// Unit of an item within its stratum; -1 for items outside the sample.
  int unit_of(std::size_t item) const { return unit_[item]; }
  const std::vector<int>& units_of_stratum() const { return units_; }
  std::int64_t images_per_unit() const { return images_per_unit_; }

 private:
  std::vector<int> unit_, units_;
  std::int64_t images_per_unit_ = 1;
};

struct ResamplingPlan {
  int replicates = 1000;
  double confidence = 0.95;
  std::uint64_t seed = 0;
};

/// `sums` is row-major, one row of `fields` values a unit. Draws as many units with replacement as there are and hands
/// their sums to `visit`, once a replicate. Draws are keyed by (seed, stratum name, replicate): equal for every caller
/// with as many units.
void resample_stratum(std::span<const double> sums, int fields, std::string_view stratum, const ResamplingPlan& plan,
                      const std::function<void(int replicate, std::span<const double> total)>& visit);

/// percentile_estimate as a Measure. `method` says how where there is an interval, and why where there is no value.
Measure percentile_measure(std::optional<double> value, std::vector<double> replicates, std::int64_t n,
                           const ResamplingPlan& plan, std::string method);

}  // namespace cuebench
