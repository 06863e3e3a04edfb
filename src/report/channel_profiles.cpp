#include "channel_profiles.hpp"

#include <algorithm>
#include <numeric>

namespace cuebench {
namespace {

std::vector<std::size_t> descending_order(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return order;
}

/// Adds the sums over the group's images; divide() makes means of them.
void add_in_order(ChannelProfile& profile, const ChannelMoments& group, const std::vector<std::size_t>& order) {
  profile.activation.resize(order.size(), 0.0);
  profile.frequency.resize(order.size(), 0.0);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    profile.activation[rank] += group.mean[order[rank]] * static_cast<double>(group.n);
    profile.frequency[rank] += static_cast<double>(group.active_count[order[rank]]);
  }
}

void divide(ChannelProfile& profile, double images) {
  for (double& value : profile.activation) value /= images;
  for (double& value : profile.frequency) value /= images;
}

}  // namespace

void add_profiles(ChannelSummary& summary, const ClassMoments& variant, const ClassMoments& clean,
                  const std::map<int, ClassRelevance>& relevance) {
  double images = 0, positive = 0;
  for (const auto& [label, group] : variant) {
    const auto own_relevance = relevance.find(label);
    const auto own_clean = clean.find(label);
    if (group.n == 0 || own_relevance == relevance.end() || own_clean == clean.end() || own_clean->second.n == 0)
      continue;
    const std::vector<double>& mean_relevance = own_relevance->second.mean;
    const auto n = static_cast<double>(group.n);
    add_in_order(summary.by_relevance, group, descending_order(mean_relevance));
    add_in_order(summary.by_clean_magnitude, group, descending_order(own_clean->second.mean));
    positive += n * static_cast<double>(std::count_if(mean_relevance.begin(), mean_relevance.end(),
                                                      [](double value) { return value > 0; }));
    images += n;
  }
  if (images == 0) return;
  divide(summary.by_relevance, images);
  divide(summary.by_clean_magnitude, images);
  summary.positive_channels = positive / images;
}

}  // namespace cuebench
