#pragma once
// Channel-wise statistics of one (model, layer, variant): accumulation, merging, and the derived numbers.
// Definitions: docs/channels.md. Plain doubles; no LibTorch.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <cuebench/metrics/correlation.hpp>

namespace cuebench {

/// Fraction of the image's largest channel above which a channel counts as active (strict).
inline constexpr double kActiveFraction = 0.01;

/// Sums over the images of one class in one block: n, Welford mean and M2 of the activation a[c] (spatial mean after
/// ReLU), co-moment with the clean activation, activity counts, and means of the relevance rel_true[c] and |rel_true|.
struct ChannelMoments {
  std::int64_t n = 0;
  std::vector<double> mean, m2;
  std::vector<double> clean_mean, co_moment;  ///< co_moment pairs a (this variant) with the clean a of the same image
  std::vector<std::int64_t> active_count;
  std::vector<double> active_sum;
  std::vector<double> relevance_mean, absolute_relevance_mean;

  explicit ChannelMoments(std::size_t channels = 0);
  std::size_t channels() const { return mean.size(); }
  /// Spans of `channels()` values of one image (std::invalid_argument otherwise). Welford.
  void add(std::span<const double> activation, std::span<const double> clean_activation,
           std::span<const double> relevance);
  /// Chan's merge; either side may be empty (then the other is taken as it is, whatever its channels).
  void merge(const ChannelMoments& other);
  friend bool operator==(const ChannelMoments&, const ChannelMoments&) = default;
};

/// Sample variance m2/(n-1) of a channel's activation; absent for n < 2.
std::optional<double> activation_variance(const ChannelMoments& moments, std::size_t channel);
/// Share of the images in which the channel is active; absent for n = 0.
std::optional<double> activity_frequency(const ChannelMoments& moments, std::size_t channel);
/// Mean activation over the images in which the channel is active; absent when it never is.
std::optional<double> magnitude_when_active(const ChannelMoments& moments, std::size_t channel);
/// Channels that are 0 on every image (activations after ReLU: the mean is 0). `clean`: moments over all clean images.
std::vector<bool> dead_channels(const ChannelMoments& clean);

/// Moments per class (key: label).
using ClassMoments = std::map<int, ChannelMoments>;

/// Compact bytes for the store (version byte, little endian, layout in src/metrics/channel_moments_bytes.cpp), and
/// back, exact to the bit. All classes have the same channels. @throws RunError on damaged bytes or another version.
std::vector<std::byte> serialise(const ClassMoments& moments);
ClassMoments parse_class_moments(std::span<const std::byte> bytes);

/// Sign of each channel's relevance for one class: +1 PR, -1 NR, 0 neutral.
/// tau = relevance_threshold * max_c |relevance[c]|; PR > tau, NR < -tau.
std::vector<signed char> partition_channels(std::span<const double> class_relevance, double relevance_threshold);

/// One image's share of the statistics, kept for paired tests. Absent values are undefined (zero vector, ...).
struct ChannelImageRecord {
  /// NaN where an activation is negative: the tap is no output of a ReLU.
  double pr_total = 0, nr_total = 0, neutral_total = 0;
  std::optional<double> align_cosine, align_pearson, align_rel_l2, act_rel_spearman;
  std::optional<double> nr_share() const;  ///< nr / (nr + pr), absent when the sum is 0
};
ChannelImageRecord describe_channel_image(std::span<const double> activation, std::span<const double> clean_activation,
                                          std::span<const double> relevance, std::span<const signed char> partition);

/// The numbers of one group (a class, or all) as reference definitions have them; absent = undefined with the reason.
struct ChannelGroupStatistics {
  std::int64_t n_images = 0;
  std::optional<double> pr_total, nr_total, neutral_total;  ///< sums over images
  std::optional<double> pr_ratio, nr_ratio;                 ///< to clean, ratio of sums
  std::optional<double> nr_share, nr_share_delta, nr_share_image_mean;
  std::int64_t nr_share_n_defined = 0;  ///< images behind nr_share_image_mean
  std::optional<double> act_rel_spearman, act_rel_pearson, act_rel_spearman_alive, act_rel_spearman_image;
  std::int64_t act_rel_spearman_image_n_defined = 0;
  std::optional<double> align_cosine_image_mean, align_pearson_image_mean, align_cosine_of_means,
      align_pearson_of_means, align_rel_l2;
  std::int64_t align_cosine_n_defined = 0, align_pearson_n_defined = 0, align_rel_l2_n_defined = 0;
  std::optional<double> freq_entropy, relevance_shift_cosine;
  std::int64_t dead_channels = 0;
};

/// Per-image sums of a group, order-independent input to the group's statistics.
struct ChannelImageSums {
  std::int64_t n = 0;
  double pr = 0, nr = 0, neutral = 0;
  double nr_share = 0, cosine = 0, pearson = 0, rel_l2 = 0, spearman = 0;
  std::int64_t n_nr_share = 0, n_cosine = 0, n_pearson = 0, n_rel_l2 = 0, n_spearman = 0;
  void add(const ChannelImageRecord& record);
};

/// `relevance` is the clean class relevance of the group (for `all`: the mean over its images of rel_true on clean).
/// `dead` marks the channels that are 0 on all clean images (dead_channels of the group `all`), whatever the group;
/// empty: those that are 0 on this group's clean images. `clean` and `variant` cover the same images.
ChannelGroupStatistics group_statistics(const ChannelMoments& clean, const ChannelMoments& variant,
                                        const ChannelImageSums& clean_sums, const ChannelImageSums& variant_sums,
                                        std::span<const double> relevance, const std::vector<bool>& dead = {});

}  // namespace cuebench
