#pragma once
// Intervals for proportions and exact paired tests.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cuebench {

/// A number with its uncertainty. `low`/`high` are absent when no interval is defined for it.
struct Estimate {
  std::optional<double> value;
  std::optional<double> low;
  std::optional<double> high;
  std::int64_t n = 0;
  /// How the interval was made ("wilson 95%"), or why there is no value or no interval.
  std::string method;
};

/// Wilson score interval (Wilson 1927), two-sided, no continuity correction. Absent value when n = 0.
/// 0 <= successes <= n and 0 < confidence < 1, or std::invalid_argument.
Estimate wilson_interval(std::int64_t successes, std::int64_t n, double confidence = 0.95);
/// Exact (Clopper and Pearson 1934): quantiles of the beta distribution. Same preconditions.
Estimate clopper_pearson_interval(std::int64_t successes, std::int64_t n, double confidence = 0.95);

/// Two-sided exact McNemar test: `only_first` and `only_second` are the discordant counts, and under the null
/// hypothesis either is Binomial(sum, 1/2). p = min(1, 2 P[X <= smaller]); 1 when both are 0.
double mcnemar_exact(std::int64_t only_first, std::int64_t only_second);
/// Mid-p form of the same test (Lancaster 1961): the exact p less the probability of the counts that were seen; 1 when
/// both are equal.
double mcnemar_mid_p(std::int64_t only_first, std::int64_t only_second);

/// Holm's step-down adjusted p-values (Holm 1979), in the order given, each at most 1.
std::vector<double> holm_adjust(const std::vector<double>& p_values);
/// Step-up adjusted p-values for the false discovery rate (Benjamini and Hochberg 1995), in the order given.
std::vector<double> benjamini_hochberg_adjust(const std::vector<double>& p_values);

/// The fewest items for which the Wilson interval of a share `p` is at most 2 * half_width wide.
/// 0 <= p <= 1 and 0 < half_width < 0.5, or std::invalid_argument.
std::int64_t items_for_half_width(double p, double half_width, double confidence = 0.95);

}  // namespace cuebench
