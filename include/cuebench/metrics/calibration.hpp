#pragma once
// Expected calibration error with equal-width bins; mergeable and exact (integer sums).

#include <array>
#include <cstdint>
#include <optional>

namespace cuebench {

/// 15 bins (k/15, (k+1)/15] over (0, 1]. Confidences are summed in units of 2^-36 (rounded to nearest), so that any
/// order of adding and merging gives the same bits; room for 10^8 items a bin.
class CalibrationAccumulator {
 public:
  static constexpr int kBins = 15;
  /// confidence in [0, 1] (0 falls into the first bin), or std::invalid_argument.
  void add(double confidence, bool correct);
  void merge(const CalibrationAccumulator& other);
  std::int64_t count() const;
  /// sum over bins of (n_bin / n) * |accuracy_bin - mean confidence_bin|; absent when empty.
  std::optional<double> expected_calibration_error() const;
  friend bool operator==(const CalibrationAccumulator&, const CalibrationAccumulator&) = default;

 private:
  std::array<std::int64_t, kBins> count_{}, correct_{}, confidence_{};
};

}  // namespace cuebench
