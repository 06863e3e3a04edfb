#include "measure.hpp"

#include <cmath>
#include <utility>

namespace cuebench {

Measure undefined_measure(std::int64_t n, std::string reason) {
  Measure measure;
  measure.n = n;
  measure.method = std::move(reason);
  return measure;
}

Measure plain_measure(double value, std::int64_t n, std::string method) {
  if (!std::isfinite(value)) return undefined_measure(n, "not finite");
  Measure measure;
  measure.value = value;
  measure.n = n;
  measure.method = std::move(method);
  return measure;
}

Measure measure_of(const Estimate& estimate, std::string method) {
  Measure measure{estimate.value, estimate.low, estimate.high, estimate.n, estimate.method};
  if (estimate.value && estimate.low && estimate.high && !method.empty()) measure.method = std::move(method);
  return measure;
}

Measure share_measure(std::int64_t hits, std::int64_t n, const char* why_empty) {
  if (n == 0) return undefined_measure(0, why_empty);
  return measure_of(wilson_interval(hits, n));
}

void MeanAccumulator::add(double value) {
  if (!std::isfinite(value)) return;
  ++n_;
  const double step = value - mean_;
  mean_ += step / static_cast<double>(n_);
  m2_ += step * (value - mean_);
}

Measure MeanAccumulator::measure(const char* why_empty) const {
  if (n_ == 0) return undefined_measure(0, why_empty);
  Measure measure = plain_measure(mean_, n_, "mean");
  if (n_ < 2) return measure;
  constexpr double kNormal975 = 1.959963984540054;  // 97.5 % quantile of the standard normal
  const auto n = static_cast<double>(n_);
  const double half = kNormal975 * std::sqrt(m2_ / (n - 1) / n);
  measure.low = mean_ - half;
  measure.high = mean_ + half;
  measure.method = "mean, normal 95%";
  return measure;
}

}  // namespace cuebench
