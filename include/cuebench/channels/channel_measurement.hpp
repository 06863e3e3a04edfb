#pragma once
// From tapped activations and relevances of a batch to the plain statistics of the metrics layer.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cuebench/channels/intervention.hpp>
#include <cuebench/metrics/channel_statistics.hpp>
#include <cuebench/models/model.hpp>

namespace cuebench {

/// How an image's channels are split into positively and negatively relevant ones (docs/channels.md).
enum class Partition {
  class_clean,      ///< sign of the mean relevance over the clean images of the image's class
  per_image_clean,  ///< sign of the relevance on the image's clean counterpart
  per_image_self,   ///< sign of the relevance on the variant itself
};
/// @throws UsageError for an unknown word.
Partition parse_partition(std::string_view word);
std::string_view to_string(Partition partition);

struct PartitionRule {
  Partition partition = Partition::class_clean;
  double relevance_threshold = 0;  ///< tau as a share of the largest |relevance|, in [0, 1)
};

/// "true_class" or "top2". @throws UsageError for another word.
RelevanceKind parse_relevance(std::string_view word);

/// What the measurement of one layer needs to know beforehand.
struct LayerReference {
  /// label -> sign per channel; used by class_clean only.
  std::map<int, std::vector<signed char>> class_partition;
  /// label -> relevance of each channel; of layers with interventions only.
  std::map<int, std::vector<double>> class_relevance;
};

/// One layer and one variant of a batch: moments per class, and one record per image (in batch order).
struct ChannelBatch {
  ClassMoments moments;
  std::vector<ChannelImageRecord> images;
};

/// All matrices are [N, C] of the same images in the same order. Every label is >= 0.
ChannelBatch measure_channels(const TapMeans& activation, const TapMeans& clean_activation, const TapMeans& relevance,
                              const TapMeans& clean_relevance, std::span<const int> labels, const PartitionRule& rule,
                              const LayerReference& reference);

/// Indices of the two largest logits; the lowest index wins ties.
std::pair<std::size_t, std::size_t> two_largest(std::span<const float> logits);

/// Relevance without a backward pass where the tap feeds global average pooling and a linear head:
/// rel_true[i, c] = W[y_i, c]; rel_top2[i, c] = W[t1, c] + W[t2, c] with the two largest logits, lowest index first.
/// `weights` is [classes, C]; `logits` is [N, classes].
TapMeans closed_form_relevance(std::span<const double> weights, std::int64_t channels, std::span<const int> labels,
                               std::span<const float> logits, RelevanceKind kind);

/// Moments that hold the relevance only: the partial result of the relevance pass.
ClassMoments relevance_moments(const TapMeans& activation, const TapMeans& relevance, std::span<const int> labels);

}  // namespace cuebench
