#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"
#include "panel_grid.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kMaximumVariants = 4;

using Values = std::vector<double>;

double mean_of(std::span<const double> values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// What one of the figures of a layer shows.
struct ProfileKind {
  const char* name;
  const char* y_label;
  const char* x_label;
  bool by_relevance;  ///< marks where the channels stop to be positively relevant
  bool is_share;      ///< y from 0 to 100 %; else in units of the layer's mean clean activation
  const Values& (*values)(const ChannelSummary&);
  /// What one variant does to one model, for readers who do not see the figure.
  std::string (*describe)(const Values& clean, const Values& variant);
};

std::string describe_halves(const Values& clean, const Values& variant) {
  const std::size_t half = clean.size() / 2;
  const auto ratio = [&](std::size_t from, std::size_t count) {
    const double before = mean_of(std::span(clean).subspan(from, count));
    return before > 0 ? decimal(mean_of(std::span(variant).subspan(from, count)) / before, 2) : std::string("n/a");
  };
  return fmt::format("first half of the channels {} times clean, second half {} times", ratio(0, half),
                     ratio(half, clean.size() - half));
}

std::string describe_frequency(const Values& clean, const Values& variant) {
  return fmt::format("a channel is active on {} % of the images, clean {} %", decimal(100 * mean_of(variant), 1),
                     decimal(100 * mean_of(clean), 1));
}

const ProfileKind kByRelevance{
    "channels",
    "activation",
    "channel, by relevance for its class",
    true,
    false,
    [](const ChannelSummary& channel) -> const Values& { return channel.by_relevance.activation; },
    describe_halves};
const ProfileKind kByMagnitude{
    "channel-magnitudes",
    "activation",
    "channel, by mean clean activation",
    false,
    false,
    [](const ChannelSummary& channel) -> const Values& { return channel.by_clean_magnitude.activation; },
    describe_halves};
const ProfileKind kFrequency{
    "channel-frequencies",
    "active on, % of images",
    "channel, by mean clean activation",
    false,
    true,
    [](const ChannelSummary& channel) -> const Values& { return channel.by_clean_magnitude.frequency; },
    describe_frequency};

/// One figure: a row a variant, a column a model.
class ProfileFigure {
 public:
  ProfileFigure(const RunSummary& summary, const ProfileKind& kind, const std::vector<int>& layers,
                const std::vector<int>& variants)
      : summary_(summary),
        run_(summary.description),
        kind_(kind),
        layers_(layers),
        variants_(variants),
        labels_(variant_labels(run_)),
        styles_(model_styles(run_.models)) {
    grid_.rows = static_cast<int>(variants.size());
    grid_.columns = static_cast<int>(layers.size());
    grid_.panel_width = grid_.columns == 1 ? 480 : grid_.columns == 2 ? 380 : 260;
    grid_.top = 54;
  }

  Figure draw(const std::string& layer_name, std::size_t number) const {
    Figure figure;
    figure.name = fmt::format("{}-{}", kind_.name, number);
    figure.width = grid_.width();
    figure.height = grid_.height();
    figure.alternative = fmt::format("{} of the channels of {}, {}, clean beside variants. ",
                                     kind_.is_share ? "Activation frequency" : "Mean activation", layer_name,
                                     kind_.by_relevance ? "in descending order of their relevance for the image's class"
                                                        : "in descending order of their mean clean activation");
    figure.script = axes_script() +
                    "unset key\nset tics font ',11'\nset xtics offset 0,0.6\nset xlabel offset 0,0.8\nset title font "
                    "',12' offset 0,-0.7\n" +
                    fmt::format("set yrange [0:{}]\nset multiplot\n", kind_.is_share ? "105" : format_real(highest()));
    for (int row = 0; row < grid_.rows; ++row)
      for (int column = 0; column < grid_.columns; ++column) {
        figure.script += panel(row, column);
        figure.alternative += describe(row, column);
      }
    figure.script += "unset multiplot\n";
    return figure;
  }

 private:
  const ChannelSummary& channel(int column, int variant) const { return *summary_.channel(layers_[column], variant); }

  double unit(int column) const {
    return kind_.is_share ? 0.01 : mean_of(channel(column, 0).by_clean_magnitude.activation);
  }

  double highest() const {
    double top = 0;
    for (int column = 0; column < grid_.columns; ++column) {
      std::vector<int> shown = variants_;
      shown.push_back(0);
      for (const int variant : shown)
        for (const double value : kind_.values(channel(column, variant))) top = std::max(top, value / unit(column));
    }
    return top > 0 ? 1.12 * top : 1;
  }

  std::string model_name(int column) const { return run_.models[run_.layers[layers_[column]].model].name; }

  std::string describe(int row, int column) const {
    const Values& variant = kind_.values(channel(column, variants_[row]));
    if (variant.empty()) return "";
    return fmt::format("{} under {}: {}. ", model_name(column), labels_[variants_[row]],
                       kind_.describe(kind_.values(channel(column, 0)), variant));
  }

  std::string panel(int row, int column) const {
    const Values& clean = kind_.values(channel(column, 0));
    const Values& variant = kind_.values(channel(column, variants_[row]));
    const int number = row * grid_.columns + column;
    const std::string block = fmt::format("panel{}", number);
    std::vector<std::vector<double>> rows;
    for (std::size_t rank = 0; rank < clean.size(); ++rank)
      rows.push_back({static_cast<double>(rank + 1), clean[rank] / unit(column),
                      rank < variant.size() ? variant[rank] / unit(column) : std::nan("")});
    const bool lowest = row + 1 == grid_.rows;
    std::string script = data_block(block, rows) + grid_.margins(row, column) + "unset label\nunset arrow\n";
    script += fmt::format("set title {}\n", gnuplot_text(shortened(model_name(column), 18) + ": " +
                                                         shortened(labels_[variants_[row]], 24)));
    script += fmt::format("set xrange [0.5:{}]\nset xlabel {}\nset ylabel {}\nset format x '{}'\nset format y '{}'\n",
                          static_cast<double>(clean.size()) + 0.5, gnuplot_text(lowest ? kind_.x_label : ""),
                          gnuplot_text(column == 0 ? kind_.y_label : ""), lowest ? "%g" : "", column == 0 ? "%g" : "");
    if (kind_.by_relevance) script += boundary(channel(column, 0).positive_channels + 0.5);
    if (number == 0) script += legend();
    return script + plot_script({fmt::format("${} using 1:2 with filledcurves y1=0 lc rgb '#c9d1d8' notitle", block),
                                 fmt::format("${} using 1:3 with lines lw 1.6 lc rgb '{}' notitle", block,
                                             styles_[run_.layers[layers_[column]].model].colour)});
  }

  std::string legend() const {
    return fmt::format("set label 'grey area: clean; line: the variant' at {} left\n", grid_.at(grid_.left, 12));
  }

  static std::string boundary(double x) {
    return fmt::format(
        "set arrow from {0}, graph 0 to {0}, graph 1 nohead dt 3 lc rgb '#5f6b76'\n"
        "set label 'PR' at {0}, graph 0.92 right offset -0.6,0 tc rgb '#5f6b76' font ',11'\n"
        "set label 'NR' at {0}, graph 0.92 left offset 0.6,0 tc rgb '#5f6b76' font ',11'\n",
        format_real(x));
  }

  const RunSummary& summary_;
  const RunDescription& run_;
  const ProfileKind& kind_;
  const std::vector<int>& layers_;
  const std::vector<int>& variants_;
  const std::vector<std::string> labels_;
  const std::vector<ModelStyle> styles_;
  PanelGrid grid_;
};

bool has_profile(const RunSummary& summary, int layer) {
  const ChannelSummary* clean = summary.channel(layer, 0);
  return clean && clean->by_relevance.activation.size() > 1 && mean_of(clean->by_relevance.activation) > 0;
}

}  // namespace

std::vector<Figure> channel_figures(const RunSummary& summary) {
  std::vector<Figure> figures;
  std::size_t number = 0;
  for (const auto& [name, all_layers] : layers_by_name(summary.description)) {
    ++number;
    std::vector<int> layers;
    for (const int layer : all_layers)
      if (has_profile(summary, layer) && layers.size() < kMaximumProfileModels) layers.push_back(layer);
    const std::vector<int> variants = variants_of_channel_figures(summary, layers, kMaximumVariants);
    if (layers.empty() || variants.empty()) continue;
    for (const ProfileKind* kind : {&kByRelevance, &kByMagnitude, &kFrequency})
      figures.push_back(ProfileFigure(summary, *kind, layers, variants).draw(name, number));
  }
  return figures;
}

std::vector<Figure> all_figures(const RunSummary& summary) {
  if (summary.items.scored == 0) return {};
  std::vector<Figure> figures{accuracy_figure(summary)};
  for (const auto& more : {sweep_figures(summary), shape_bias_figures(summary), channel_heat_maps(summary),
                           channel_figures(summary), class_scatters(summary), intervention_figures(summary)})
    figures.insert(figures.end(), more.begin(), more.end());
  return figures;
}

}  // namespace cuebench
