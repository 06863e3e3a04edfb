#pragma once
// Percentile bootstrap, stratified, for statistics that depend on counts of a few categories or on sums per stratum.

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <cuebench/metrics/intervals.hpp>

namespace cuebench {

struct BootstrapOptions {
  int replicates = 10000;
  double confidence = 0.95;
  std::uint64_t seed = 0;
};

/// Above this share of undefined replicates there is no interval (one would describe other data than these).
inline constexpr double kMaximumUndefinedShare = 0.05;

/// counts[s][k]: items of stratum s (a class) in category k, e.g. k = 2 * correct_on_clean + correct_on_variant.
using CategoryCounts = std::vector<std::vector<std::int64_t>>;

/// Resamples items with replacement within each stratum. Since a statistic of pooled category counts depends on the
/// resample only through them, each replicate draws a multinomial per stratum: the same distribution as resampling
/// items, at a cost that does not grow with n. `statistic` maps pooled counts (size K) to a value, NaN = undefined.
/// Randomness is keyed by (seed, purpose, stratum's place) and runs through the replicates: independent of threads.
/// Interval: the percentiles of the defined replicates, linear between order statistics; absent when more than 5 % of
/// them are undefined, or the value is. Estimate::n is the number of items; Estimate::method also says how many
/// replicates were undefined, if any.
Estimate bootstrap_counts(const CategoryCounts& counts,
                          const std::function<double(std::span<const std::int64_t>)>& statistic,
                          std::string_view purpose, const BootstrapOptions& options);

/// units[u] = one resampling unit: stratum, and the sums it adds. Statistic gets the summed vector of a resample.
struct BootstrapUnit {
  int stratum = 0;
  std::vector<double> sums;
};
/// As above for real-valued sums (channel statistics). `replicates` 1000 is usual here. Estimate::n is the number of
/// units. No interval if a stratum that has units has fewer than `minimum_units` of them. Draws are keyed by (seed,
/// purpose, replicate, stratum): two calls with equal purpose and equally many units in a stratum draw the same units
/// there, so that models and variants can be resampled in pairs.
Estimate bootstrap_sums(std::span<const BootstrapUnit> units,
                        const std::function<double(std::span<const double>)>& statistic, std::string_view purpose,
                        const BootstrapOptions& options, int minimum_units = 8);

/// The p-quantile of ascending values, linear between order statistics (NumPy's default). values not empty, p in [0,
/// 1].
double sorted_quantile(std::span<const double> ascending, double p);

/// Percentile interval from replicates (NaN = undefined) around `value` (NaN = undefined); what both functions above
/// end with, for callers that resample something else.
Estimate percentile_estimate(double value, std::vector<double> replicates, std::int64_t n, double confidence);

}  // namespace cuebench
