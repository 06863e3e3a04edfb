#pragma once
// Making Measures: every number of the report passes through here, so that none is without its reason.

#include <cstdint>
#include <optional>
#include <string>

#include <cuebench/report/summary.hpp>

namespace cuebench {

Measure undefined_measure(std::int64_t n, std::string reason);
/// A number without an interval.
Measure plain_measure(double value, std::int64_t n, std::string method);
/// `method` replaces the estimate's own where value and interval are there; otherwise the estimate's reason stays.
Measure measure_of(const Estimate& estimate, std::string method = "");
Measure share_measure(std::int64_t hits, std::int64_t n, const char* why_empty);

/// Mean with a normal 95 % interval from the standard error. Values are added in a fixed order (Welford).
class MeanAccumulator {
 public:
  /// Values that are not finite are left out and lower n.
  void add(double value);
  Measure measure(const char* why_empty) const;

 private:
  std::int64_t n_ = 0;
  double mean_ = 0, m2_ = 0;
};

}  // namespace cuebench
