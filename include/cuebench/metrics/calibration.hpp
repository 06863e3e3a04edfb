#pragma once
// Expected calibration error with equal-width bins; mergeable and exact (integer sums).

#include <array>
#include <cstdint>
#include <optional>

namespace cuebench {

/// 15 bins over (0, 1]; confidences are summed in units of 2^-40, so that any order of adding gives the same result.
class CalibrationAccumulator {
 public:
  static constexpr int kBins = 15;
  void add(double confidence, bool correct);
  void merge(const CalibrationAccumulator& other);
  /// sum over bins of (n_bin / n) * |accuracy_bin - mean confidence_bin|; absent when empty.
  std::optional<double> expected_calibration_error() const;

 private:
  std::array<std::int64_t, kBins> count_{}, correct_{}, confidence_{};
};

}  // namespace cuebench
