#pragma once
// Accuracies under ImageNet-C's corruptions as RobustBench publishes them, and the errors made of them.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/metrics/intervals.hpp>

namespace cuebench::scoring {

/// Two header rows (corruption, severity), then one row a model: its name and accuracies in [0, 1].
struct CorruptionTable {
  std::string file;
  std::string dataset;                   ///< "cifar10" and the like where the file's name says so, else "imagenet"
  std::vector<std::string> corruptions;  ///< in the order of the file
  struct Row {
    std::string model;
    std::vector<std::vector<double>> error;  ///< 1 - accuracy, by corruption and severity
  };
  std::vector<Row> rows;
  std::map<std::string, double> clean_error;  ///< by model, where somebody said
};

/// @throws UsageError naming file and line when a header row is missing, severities of a corruption are not 1, 2, ...,
/// a cell is not a number in [0, 1], or a model stands there twice.
CorruptionTable read_corruption_table(std::string_view text, std::string_view file);

/// AlexNet's errors on the 50,000 images of ImageNet-C, averaged over the severities (Hendrycks and Dietterich 2019).
std::optional<double> customary_alexnet_error(std::string_view corruption);
/// AlexNet's error on the clean images there.
inline constexpr double kCustomaryAlexnetCleanError = 0.435;

/// Names of the 15 corruptions that mCE is made of, and of the 4 further ones.
bool is_benchmark_corruption(std::string_view corruption);
bool is_extra_corruption(std::string_view corruption);

struct CorruptionScores {
  std::string model;
  /// Over the benchmark's 15 corruptions; n counts corruptions. For tables of other corruptions (3D Common Corruptions)
  /// over all that there are.
  Estimate accuracy, error;
  Estimate mce_own;        ///< sum of errors over severities / the same of the table's own row AlexNet
  Estimate mce_customary;  ///< against customary_alexnet_error; for images of ImageNet
  Estimate relative_mce_own, relative_mce_customary;
  /// The same over 15 + 4, where all 19 are there.
  Estimate error_19, mce_own_19;
  std::vector<double> mean_error;             ///< by corruption, over severities
  std::vector<std::optional<double>> ce_own;  ///< by corruption
};
/// `baseline` names the row that errors are divided by in the numbers called own.
std::vector<CorruptionScores> score_corruptions(const CorruptionTable& table, std::string_view baseline = "AlexNet");

/// Mean over corruptions of (error - clean) / (baseline - baseline_clean): mCE where both clean errors are 0, else
/// relative mCE. Errors are means over the severities. Absent where a divisor is not above 0, or there is no
/// corruption.
std::optional<double> mean_corruption_error(std::span<const double> error, double clean,
                                            std::span<const double> baseline, double baseline_clean);

}  // namespace cuebench::scoring
