#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <cuebench/metrics/calibration.hpp>

namespace cuebench {
namespace {

constexpr double kUnit = 0x1.0p-36;

std::size_t bin_of(double confidence) {
  constexpr int kBins = CalibrationAccumulator::kBins;
  int bin = std::clamp(static_cast<int>(confidence * kBins), 0, kBins - 1);
  // Decided by the edges k/15 as rounded to double; the product above can be one rounding off at an edge.
  while (bin > 0 && confidence <= static_cast<double>(bin) / kBins) --bin;
  while (bin < kBins - 1 && confidence > static_cast<double>(bin + 1) / kBins) ++bin;
  return static_cast<std::size_t>(bin);
}

}  // namespace

void CalibrationAccumulator::add(double confidence, bool correct) {
  if (!(confidence >= 0 && confidence <= 1)) throw std::invalid_argument("a confidence lies between 0 and 1");
  const std::size_t bin = bin_of(confidence);
  ++count_[bin];
  correct_[bin] += correct ? 1 : 0;
  confidence_[bin] += std::llround(confidence / kUnit);
}

void CalibrationAccumulator::merge(const CalibrationAccumulator& other) {
  for (std::size_t bin = 0; bin < count_.size(); ++bin) {
    count_[bin] += other.count_[bin];
    correct_[bin] += other.correct_[bin];
    confidence_[bin] += other.confidence_[bin];
  }
}

std::int64_t CalibrationAccumulator::count() const {
  return std::accumulate(count_.begin(), count_.end(), std::int64_t{0});
}

std::optional<double> CalibrationAccumulator::expected_calibration_error() const {
  const std::int64_t total = count();
  if (total == 0) return std::nullopt;
  double gaps = 0;  // n_bin * |accuracy - mean confidence| of each bin
  for (std::size_t bin = 0; bin < count_.size(); ++bin)
    gaps += std::abs(static_cast<double>(correct_[bin]) - static_cast<double>(confidence_[bin]) * kUnit);
  return gaps / static_cast<double>(total);
}

}  // namespace cuebench
