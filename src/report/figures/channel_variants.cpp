#include <algorithm>
#include <cmath>

#include "figures.hpp"

namespace cuebench {
namespace {

/// Mean over the models of the accuracy under a variant.
double mean_accuracy(const RunSummary& summary, int variant) {
  double sum = 0;
  const std::size_t models = summary.description.models.size();
  for (std::size_t model = 0; model < models; ++model)
    sum += summary.score(static_cast<int>(model), variant).top1.value.value_or(0);
  return models == 0 ? 0 : sum / static_cast<double>(models);
}

/// The `maximum` variants with the smallest key, in the order of the run.
std::vector<int> first_by_key(std::vector<std::pair<double, int>> keyed, std::size_t maximum) {
  std::sort(keyed.begin(), keyed.end());
  if (keyed.size() > maximum) keyed.resize(maximum);
  std::vector<int> variants;
  for (const auto& [key, variant] : keyed) variants.push_back(variant);
  std::sort(variants.begin(), variants.end());
  return variants;
}

}  // namespace

std::vector<std::pair<std::string, std::vector<int>>> layers_by_name(const RunDescription& run) {
  std::vector<std::pair<std::string, std::vector<int>>> groups;
  for (std::size_t layer = 0; layer < run.layers.size(); ++layer) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& group) { return group.first == run.layers[layer].name; });
    if (found != groups.end())
      found->second.push_back(static_cast<int>(layer));
    else
      groups.push_back({run.layers[layer].name, {static_cast<int>(layer)}});
  }
  return groups;
}

std::vector<int> most_changed_variants(const RunSummary& summary, const std::vector<int>& layers, std::size_t maximum) {
  std::vector<std::pair<double, int>> changes;
  for (std::size_t variant = 1; variant < summary.description.variants.size(); ++variant) {
    double change = 0;
    for (const int layer : layers) {
      const ChannelSummary* channel = summary.channel(layer, static_cast<int>(variant));
      if (!channel || channel->groups.empty()) continue;
      change = std::max(change, std::abs(channel->groups.front().measure("nr_share_delta").value.value_or(0)));
    }
    changes.emplace_back(-change, static_cast<int>(variant));
  }
  return first_by_key(std::move(changes), maximum);
}

std::vector<int> adversarial_variants(const RunSummary& summary, std::size_t maximum) {
  std::vector<std::pair<double, int>> attacks;
  const auto& variants = summary.description.variants;
  for (std::size_t variant = 1; variant < variants.size(); ++variant)
    if (variants[variant].keeps == "adversarial")
      attacks.emplace_back(mean_accuracy(summary, static_cast<int>(variant)), static_cast<int>(variant));
  return first_by_key(std::move(attacks), maximum);
}

std::vector<int> variants_of_channel_figures(const RunSummary& summary, const std::vector<int>& layers,
                                             std::size_t maximum) {
  const std::size_t all = summary.description.variants.size();
  std::vector<int> shown = adversarial_variants(summary, maximum > 1 ? maximum - 1 : maximum);
  // Those that change most, one more at a time, until the places are filled.
  for (std::size_t count = 1; count < all && shown.size() < maximum; ++count)
    for (const int variant : most_changed_variants(summary, layers, count))
      if (shown.size() < maximum && std::find(shown.begin(), shown.end(), variant) == shown.end())
        shown.push_back(variant);
  std::sort(shown.begin(), shown.end());
  return shown;
}

}  // namespace cuebench
