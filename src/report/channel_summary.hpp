#pragma once
// Channel statistics of every layer and variant with their intervals, and the differences between paired models.

#include <map>
#include <vector>

#include "outcome_table.hpp"

namespace cuebench {

struct ChannelReport {
  std::vector<ChannelSummary> layers;                   ///< layer-major, then variant
  std::vector<std::vector<ChannelDifference>> of_pair;  ///< by pair
};

/// `pairs` are indices (robust, standard) of models; layers are paired by their name. `scores` (as RunSummary::scores)
/// gives the class accuracies that statistics are correlated with.
ChannelReport summarise_channels(const RunStore& store, const Sample& sample,
                                 const std::vector<std::pair<int, int>>& pairs,
                                 const std::vector<VariantScores>& scores, const SummaryOptions& options);

/// Class relevance of a layer on clean: from the relevance pass, else (closed form) from the clean moments.
std::map<int, ClassRelevance> relevance_of_layer(const RunStore& store, int layer, const ClassMoments& clean);
/// Mean over images of rel_true on clean, for the group `all`.
std::vector<double> relevance_of_all(const std::map<int, ClassRelevance>& relevance);
/// All blocks of one layer and variant, merged in ascending order.
ClassMoments merged_moments(const RunStore& store, int layer, int variant);
/// Classes merged in ascending order.
ChannelMoments moments_of_all(const ClassMoments& classes);

}  // namespace cuebench
