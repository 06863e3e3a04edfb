#pragma once
// Correlations with their undefined cases. x and y have equal size (std::invalid_argument otherwise); results lie in
// [-1, 1]; values that are not finite make a result absent, so NaN never leaves.

#include <optional>
#include <span>
#include <vector>

namespace cuebench {

/// Absent when fewer than 2 values or a side is constant. Two-pass, double.
std::optional<double> pearson(std::span<const double> x, std::span<const double> y);
/// Pearson of average ranks (ties averaged). Absent when fewer than 3 values or a side is constant.
std::optional<double> spearman(std::span<const double> x, std::span<const double> y);
/// Absent when a vector is zero.
std::optional<double> cosine(std::span<const double> x, std::span<const double> y);
/// Ranks from 1; equal values share the mean of the ranks they occupy.
std::vector<double> average_ranks(std::span<const double> x);

}  // namespace cuebench
