#pragma once
// A run's numbers as other people's tables have them. Nothing is written that the run does not know.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cuebench/report/summary.hpp>

namespace cuebench {

/// How a model's images are brought to size, as timm names it; what is not known stays empty.
struct InputGeometry {
  std::optional<int> size;
  std::optional<double> crop_share;  ///< side of the crop / short side before it
  std::string interpolation;
};

/// timm's results-*.csv: for clean model,top1,top1_err,top5,top5_err,param_count,img_size,crop_pct,interpolation; for
/// every other variant also top1_diff,top5_diff,rank_diff against clean. timm's own scripts join such files by `model`,
/// so each variant has a file of its own. Percent with 3 decimals, best model first. Key: "" for clean, else the
/// variant's short name fit for a file name.
/// @throws UsageError when no scored image has a label.
std::map<std::string, std::string> leaderboards(const RunSummary& summary, const std::vector<InputGeometry>& of_models);
/// FILE for clean, and FILE-VARIANT.csv beside it.
void write_leaderboards(const RunSummary& summary, const std::vector<InputGeometry>& of_models,
                        const std::filesystem::path& file);

/// RobustBench's model_info of each model: a path below the folder ("Linf/NAME.json", "L2/...", "corruptions/...") and
/// its keys and values as JSON text. Keys that the run does not know are null.
/// @throws UsageError when the run has neither autoattack nor all of ImageNet-C's corruptions.
std::map<std::string, std::string> robustbench_cards(const RunSummary& summary);
/// A card that is there already keeps the keys for which the run has no value, as RobustBench's own program does.
/// @throws UsageError when such a file is not JSON.
void write_robustbench_cards(const RunSummary& summary, const std::filesystem::path& folder);

}  // namespace cuebench
