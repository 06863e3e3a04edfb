#pragma once
// Percentile bootstrap, stratified, for statistics that depend on counts of a few categories per stratum.

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

/// counts[s][k]: items of stratum s (a class) in category k, e.g. k = 2 * correct_on_clean + correct_on_variant.
using CategoryCounts = std::vector<std::vector<std::int64_t>>;

/// Resamples items with replacement within each stratum. Since a statistic of pooled category counts depends on the
/// resample only through them, each replicate draws a multinomial per stratum: the same distribution as resampling
/// items, at a cost that does not grow with n. `statistic` maps pooled counts (size K) to a value, NaN = undefined.
/// Randomness is keyed by (seed, purpose, replicate): independent of threads. The interval is absent when more than
/// 5 % of the replicates are undefined.
Estimate bootstrap_counts(const CategoryCounts& counts,
                          const std::function<double(std::span<const std::int64_t>)>& statistic,
                          std::string_view purpose, const BootstrapOptions& options);

/// units[u] = one resampling unit: stratum, and the sums it adds. Statistic gets the summed vector of a resample.
struct BootstrapUnit {
  int stratum = 0;
  std::vector<double> sums;
};
/// As above for real-valued sums (channel statistics). `replicates` 1000 is usual here.
/// Undefined if a stratum that has units has fewer than `minimum_units` of them.
Estimate bootstrap_sums(std::span<const BootstrapUnit> units,
                        const std::function<double(std::span<const double>)>& statistic, std::string_view purpose,
                        const BootstrapOptions& options, int minimum_units = 8);

}  // namespace cuebench
