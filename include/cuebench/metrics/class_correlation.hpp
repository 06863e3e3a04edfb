#pragma once
// Correlation over classes of a channel statistic with an accuracy (corr_* in docs/channels.md).

#include <optional>
#include <span>
#include <string_view>

#include <cuebench/metrics/bootstrap.hpp>

namespace cuebench {

/// Estimate::n is the number of classes that have both values; the intervals resample classes and are wide with few.
struct ClassCorrelation {
  Estimate pearson, spearman;
};

/// x[k] and y[k] belong to class k; classes where either is absent are left out. Absent value when fewer than 3 classes
/// remain or a side is constant. Replicates in which a side is constant count as undefined.
ClassCorrelation correlate_classes(std::span<const std::optional<double>> x, std::span<const std::optional<double>> y,
                                   std::string_view purpose, const BootstrapOptions& options);

}  // namespace cuebench
