#pragma once
// Intervals for proportions and exact paired tests.

#include <cstdint>
#include <optional>
#include <vector>

namespace cuebench {

/// A number with its uncertainty. `low`/`high` are absent when no interval is defined for it.
struct Estimate {
  std::optional<double> value;
  std::optional<double> low;
  std::optional<double> high;
  std::int64_t n = 0;
  /// How the interval was made ("wilson 95%"), or why there is no value.
  const char* method = "";
};

/// Wilson score interval, two-sided. Absent value when n = 0. 0 <= successes <= n.
Estimate wilson_interval(std::int64_t successes, std::int64_t n, double confidence = 0.95);
/// Exact (Clopper-Pearson).
Estimate clopper_pearson_interval(std::int64_t successes, std::int64_t n, double confidence = 0.95);

/// Two-sided exact McNemar test: `only_first` and `only_second` are the discordant counts. 1 when both are 0.
double mcnemar_exact(std::int64_t only_first, std::int64_t only_second);

/// Holm's step-down adjusted p-values, in the order given, each at most 1.
std::vector<double> holm_adjust(const std::vector<double>& p_values);

}  // namespace cuebench
