#pragma once
// Bootstrap intervals of channel statistics from per-image records.

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "outcome_table.hpp"
#include "resampler.hpp"

namespace cuebench {

/// Statistics that per-image records can resample, in the order of ImageStatistics::names.
struct ImageStatistics {
  static constexpr std::size_t kCount = 8;
  static constexpr std::array<std::string_view, kCount> names{"pr_ratio",
                                                              "nr_ratio",
                                                              "nr_share",
                                                              "nr_share_delta",
                                                              "nr_share_image_mean",
                                                              "align_cosine_image_mean",
                                                              "align_pearson_image_mean",
                                                              "align_rel_l2"};
  static int index(std::string_view name);
};

/// Replicates of every statistic of one group: values[statistic][replicate], NaN = undefined.
using GroupReplicates = std::array<std::vector<double>, ImageStatistics::kCount>;

/// What the resampling of one layer and variant gave.
struct ImageReplicates {
  std::map<int, GroupReplicates> groups;  ///< key: label, -1 = all; classes with too few images are left out
};

struct ImageRecords {
  std::vector<std::optional<ChannelImageRecord>> clean, variant;  ///< by item
};

/// Draws whole images (or runs of them, see ResamplingUnits) within each class; `all` sums the draws of the classes.
/// Without `per_class`, only `all` is kept.
ImageReplicates resample_images(const ImageRecords& records, const Sample& sample, const ResamplingUnits& units,
                                const ResamplingPlan& plan, bool per_class);

/// Interval of act_rel_spearman from blocks of images; see docs/results.md.
struct ChannelUnits {
  std::map<int, std::vector<double>> sums;  ///< label -> one row of channel sums a block
  std::map<int, int> count;
  bool too_large = false;
};
void add_channel_block(ChannelUnits& units, const ClassMoments& block);
/// By label, -1 = all: the replicates, empty where a class has too few blocks.
std::map<int, std::vector<double>> resample_act_rel_spearman(const ChannelUnits& units,
                                                             const std::map<int, ClassRelevance>& relevance,
                                                             std::span<const double> relevance_all,
                                                             const ResamplingPlan& plan);

}  // namespace cuebench
