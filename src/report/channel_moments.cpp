#include "channel_summary.hpp"

namespace cuebench {

ClassMoments merged_moments(const RunStore& store, int layer, int variant) {
  ClassMoments merged;
  store.for_each_channel_block(layer, variant, [&](std::int64_t, const ClassMoments& block) {
    for (const auto& [label, moments] : block)
      merged.try_emplace(label, moments.channels()).first->second.merge(moments);
  });
  return merged;
}

ChannelMoments moments_of_all(const ClassMoments& classes) {
  ChannelMoments all(classes.empty() ? 0 : classes.begin()->second.channels());
  for (const auto& [label, moments] : classes) all.merge(moments);
  return all;
}

std::map<int, ClassRelevance> relevance_of_layer(const RunStore& store, int layer, const ClassMoments& clean) {
  std::map<int, ClassRelevance> relevance = store.class_relevance(layer);
  if (!relevance.empty()) return relevance;
  for (const auto& [label, moments] : clean) relevance[label] = {moments.n, moments.relevance_mean};
  return relevance;
}

std::vector<double> relevance_of_all(const std::map<int, ClassRelevance>& relevance) {
  std::vector<double> mean;
  std::int64_t images = 0;
  for (const auto& [label, group] : relevance) {
    if (group.n == 0) continue;
    if (mean.empty()) mean.assign(group.mean.size(), 0.0);
    images += group.n;
    const double weight = static_cast<double>(group.n) / static_cast<double>(images);
    for (std::size_t channel = 0; channel < mean.size(); ++channel)
      mean[channel] += (group.mean[channel] - mean[channel]) * weight;
  }
  return mean;
}

}  // namespace cuebench
