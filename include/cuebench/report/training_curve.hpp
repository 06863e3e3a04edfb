#pragma once
// The picture of a training log.

#include <filesystem>
#include <string>

namespace cuebench {

/// Draws training_log.csv (columns: docs/training.md) as `svg`: accuracies above, loss below, against the epoch.
/// Returns whether gnuplot was there and drew it. @throws UsageError for a file that is no such log; RunError when the
/// picture cannot be written.
bool draw_training_curve(const std::filesystem::path& log, const std::filesystem::path& svg,
                         const std::string& gnuplot = "gnuplot");

}  // namespace cuebench
