#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

/// As many panels beside each other as stay readable.
constexpr std::size_t kMaximumModels = 3;
constexpr std::size_t kMaximumVariants = 4;

double mean_of(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Rank and activation of clean and variant, in units of the layer's mean clean activation.
std::string profile_block(const std::string& name, const ChannelSummary& clean, const ChannelSummary& variant) {
  const double unit = mean_of(clean.activation_by_rank);
  std::vector<std::vector<double>> rows;
  for (std::size_t rank = 0; rank < clean.activation_by_rank.size(); ++rank)
    rows.push_back({static_cast<double>(rank + 1), clean.activation_by_rank[rank] / unit,
                    rank < variant.activation_by_rank.size() ? variant.activation_by_rank[rank] / unit : std::nan("")});
  return data_block(name, rows);
}

double highest(const RunSummary& summary, const std::vector<int>& layers, const std::vector<int>& variants) {
  double top = 0;
  for (const int layer : layers) {
    const ChannelSummary& clean = *summary.channel(layer, 0);
    const double unit = mean_of(clean.activation_by_rank);
    if (unit <= 0) continue;
    std::vector<int> shown = variants;
    shown.push_back(0);
    for (const int variant : shown)
      for (const double value : summary.channel(layer, variant)->activation_by_rank) top = std::max(top, value / unit);
  }
  return top > 0 ? top : 1;
}

std::string panel(const RunSummary& summary, int layer, int variant, std::size_t number, const ModelStyle& style,
                  bool bottom, bool left) {
  const RunDescription& run = summary.description;
  const ChannelSummary& clean = *summary.channel(layer, 0);
  const auto channels = static_cast<double>(clean.activation_by_rank.size());
  const std::string block = fmt::format("panel{}", number);
  std::string script = profile_block(block, clean, *summary.channel(layer, variant));
  script += fmt::format(
      "set title {} offset 0,-0.6\n",
      gnuplot_text(fmt::format("{}: {}", run.models[run.layers[layer].model].name, variant_labels(run)[variant])));
  script += fmt::format("set xrange [0.5:{}]\nset xlabel {}\nset ylabel {}\n", channels + 0.5,
                        bottom ? "'channel, by relevance for its class (1 = most positive)'" : "''",
                        left ? "'activation'" : "''");
  const double boundary = clean.positive_channels + 0.5;
  script += fmt::format(
      "unset arrow\nunset label\nset arrow from {0}, graph 0 to {0}, graph 1 nohead dt 3 lc rgb '#5f6b76'\n"
      "set label 'PR' at {0}, graph 0.92 right offset -0.6,0 tc rgb '#5f6b76'\n"
      "set label 'NR' at {0}, graph 0.92 left offset 0.6,0 tc rgb '#5f6b76'\n",
      format_real(boundary));
  if (number > 0) script += "unset key\n";
  script +=
      plot_script({fmt::format("${} using 1:2 with filledcurves y1=0 lc rgb '#c9d1d8' title 'clean'", block),
                   fmt::format("${} using 1:3 with lines lw 1.6 lc rgb '{}' title 'variant'", block, style.colour)});
  return script;
}

bool has_profile(const RunSummary& summary, int layer) {
  const ChannelSummary* clean = summary.channel(layer, 0);
  return clean && clean->activation_by_rank.size() > 1 && mean_of(clean->activation_by_rank) > 0;
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
  std::sort(changes.begin(), changes.end());
  if (changes.size() > maximum) changes.resize(maximum);
  std::vector<int> variants;
  for (const auto& [change, variant] : changes) variants.push_back(variant);
  std::sort(variants.begin(), variants.end());
  return variants;
}

std::vector<Figure> channel_figures(const RunSummary& summary) {
  const RunDescription& run = summary.description;
  const std::vector<ModelStyle> styles = model_styles(run.models);
  std::vector<Figure> figures;
  for (const auto& [name, all_layers] : layers_by_name(run)) {
    std::vector<int> layers;
    for (const int layer : all_layers)
      if (has_profile(summary, layer) && layers.size() < kMaximumModels) layers.push_back(layer);
    const std::vector<int> variants = most_changed_variants(summary, layers, kMaximumVariants);
    if (layers.empty() || variants.empty()) continue;
    Figure figure;
    figure.name = fmt::format("channels-{}", figures.size() + 1);
    figure.width = 120 + 330 * static_cast<int>(layers.size());
    figure.height = 60 + 175 * static_cast<int>(variants.size());
    figure.alternative = fmt::format(
        "Mean activation of the channels of {} in the order of their relevance for the image's class, clean beside {}. "
        "The table above gives the shares.",
        name, list_variants(variants, run, variants.size()));
    std::string script = axes_script() + "set key inside top right vertical\nset tmargin 1.4\nset bmargin 3.6\n";
    script += fmt::format("set yrange [0:{}]\nset multiplot layout {},{}\n",
                          format_real(1.15 * highest(summary, layers, variants)), variants.size(), layers.size());
    std::size_t number = 0;
    for (const int variant : variants)
      for (const int layer : layers)
        script += panel(summary, layer, variant, number++, styles[run.layers[layer].model], variant == variants.back(),
                        layer == layers.front());
    figure.script = script + "unset multiplot\n";
    figures.push_back(std::move(figure));
  }
  return figures;
}

std::vector<Figure> all_figures(const RunSummary& summary) {
  if (summary.items.scored == 0) return {};
  std::vector<Figure> figures{accuracy_figure(summary)};
  for (const auto& more :
       {sweep_figures(summary), shape_bias_figures(summary), channel_figures(summary), intervention_figures(summary)})
    figures.insert(figures.end(), more.begin(), more.end());
  return figures;
}

}  // namespace cuebench
