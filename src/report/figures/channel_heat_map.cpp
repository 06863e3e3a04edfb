#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "../channel_colours.hpp"
#include "../text.hpp"
#include "../variant_label.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kModelsAcross = 3;
constexpr double kCellWidth = 64, kRowHeight = 23, kModelGap = 14, kGroupHeight = 25, kHeadHeight = 48;
constexpr double kLegendHeight = 48, kMargin = 8;
constexpr const char* kInk = "#1b1f24";
constexpr const char* kSoft = "#56616b";

struct Cell {
  std::string text;
  double colour;  ///< of diverging_colour
};

Cell cell(const Measure& shown, double scale, int decimals, double colour) {
  if (!shown.value) return {"n/a", std::nan("")};
  return {decimal(scale * *shown.value, decimals), colour};
}

std::array<Cell, 4> cells_of(const ChannelSummary* channel) {
  if (!channel || channel->groups.empty()) {
    const Cell none{"n/a", std::nan("")};
    return {none, none, none, none};
  }
  const ChannelGroup& all = channel->groups.front();
  const Measure &pr = all.measure("pr_ratio"), &nr = all.measure("nr_ratio");
  const Measure &share = all.measure("nr_share"), &alignment = all.measure("align_cosine_image_mean");
  return {cell(pr, 1, 2, ratio_colour(pr)), cell(nr, 1, 2, ratio_colour(nr)),
          cell(share, 100, 1, share_change_colour(all.measure("nr_share_delta"))),
          cell(alignment, 1, 2, alignment_colour(alignment))};
}

/// Text and rectangles in pixels from the upper left corner.
class Canvas {
 public:
  void text(double x, double y, const std::string& value, const char* place, const char* colour, int size) {
    script_ += fmt::format("set label {} at {:.1f},{:.1f} {} front tc rgb '{}' font ',{}'\n", gnuplot_text(value), x, y,
                           place, colour, size);
  }
  void rectangle(double x, double y, double width, double height, const std::string& colour) {
    script_ += fmt::format(
        "set object rectangle from {:.1f},{:.1f} to {:.1f},{:.1f} behind fc rgb '{}' fs solid 1 border lc rgb "
        "'#dfe4e8'\n",
        x, y, x + width, y + height, colour);
  }
  std::string script(double width, double height) const {
    return fmt::format(
        "unset border\nunset tics\nunset key\nset lmargin at screen 0\nset rmargin at screen 1\n"
        "set tmargin at screen 1\nset bmargin at screen 0\nset xrange [0:{}]\nset yrange [{}:0]\n{}plot NaN notitle\n",
        width, height, script_);
  }

 private:
  std::string script_;
};

class HeatMap {
 public:
  HeatMap(const RunSummary& summary, const std::vector<int>& layers)
      : summary_(summary), run_(summary.description), layers_(layers), labels_(variant_labels(run_)) {
    std::size_t longest = 12;
    for (std::string& label : labels_) {
      label = shortened(label, 36);
      longest = std::max(longest, label.size());
    }
    label_width_ = kMargin + 10 + 6.4 * static_cast<double>(longest);
  }

  Figure draw(const std::string& layer_name, std::size_t number) {
    double y = kMargin;
    for (std::size_t first = 0; first < layers_.size(); first += kModelsAcross)
      y = block(first, std::min(first + kModelsAcross, layers_.size()), y) + 16;
    legend(y);
    const double across = static_cast<double>(std::min(kModelsAcross, layers_.size()));
    Figure figure;
    figure.name = fmt::format("channel-heat-map-{}", number);
    figure.alternative = alternative(layer_name);
    // The legend needs as much as two models.
    figure.width = static_cast<int>(std::max(label_width_ + across * (4 * kCellWidth + kModelGap) + kMargin, 620.0));
    figure.height = static_cast<int>(y + kLegendHeight);
    figure.script = canvas_.script(figure.width, figure.height);
    return figure;
  }

 private:
  double column(std::size_t model, std::size_t field) const {
    return label_width_ + static_cast<double>(model) * (4 * kCellWidth + kModelGap) +
           static_cast<double>(field) * kCellWidth;
  }

  double block(std::size_t first, std::size_t last, double y) {
    for (std::size_t model = first; model < last; ++model) {
      const std::string& name = run_.models[run_.layers[layers_[model]].model].name;
      canvas_.text(column(model - first, 2), y + 10, shortened(name, 34), "center", kInk, 13);
      std::size_t field = 0;
      for (const char* title : {"PR ratio", "NR ratio", "NR share %", "alignment"})
        canvas_.text(column(model - first, field++) + kCellWidth / 2, y + 33, title, "center", kSoft, 11);
    }
    y = row(0, first, last, y + kHeadHeight);
    for (const CueGroup& group : cue_groups()) {
      const std::vector<int> variants = variants_of_group(run_, group.keeps);
      if (variants.empty()) continue;
      canvas_.text(kMargin, y + kGroupHeight - 10, std::string(group.title), "left", kSoft, 11);
      y += kGroupHeight;
      for (const int variant : variants) y = row(variant, first, last, y);
    }
    return y;
  }

  double row(int variant, std::size_t first, std::size_t last, double y) {
    canvas_.text(label_width_ - 8, y + kRowHeight / 2, labels_[variant], "right", kInk, 12);
    for (std::size_t model = first; model < last; ++model) {
      std::size_t field = 0;
      for (const Cell& now : cells_of(summary_.channel(layers_[model], variant))) {
        const bool defined = std::isfinite(now.colour);
        const double x = column(model - first, field++);
        canvas_.rectangle(x, y, kCellWidth, kRowHeight, defined ? diverging_colour(now.colour) : "#eef1f3");
        canvas_.text(x + kCellWidth / 2, y + kRowHeight / 2, now.text, "center", defined ? kInk : kSoft, 12);
      }
    }
    return y + kRowHeight;
  }

  void legend(double y) {
    constexpr int kSteps = 9;
    constexpr double kStep = 22;
    const double left = kMargin + 110;
    canvas_.text(left - 8, y + 8, "less than clean", "right", kSoft, 11);
    for (int step = 0; step < kSteps; ++step)
      canvas_.rectangle(left + step * kStep, y, kStep, 16, diverging_colour((step - kSteps / 2) / (kSteps / 2.0)));
    canvas_.text(left + kSteps * kStep + 8, y + 8, "more than clean", "left", kSoft, 11);
    canvas_.text(kMargin, y + 32,
                 "Full colour: ratio 1/4 or 4 (logarithmic); NR share 20 points from clean; alignment 0.5.", "left",
                 kSoft, 11);
  }

  std::string alternative(const std::string& layer_name) const {
    std::string text =
        fmt::format("PR ratio, NR ratio, NR share and alignment of layer {} under every variant. ", layer_name);
    for (const int layer : layers_) {
      text += run_.models[run_.layers[layer].model].name + ": ";
      const std::vector<int> most = most_changed_variants(summary_, {layer}, 1);
      for (const int variant : most) {
        const std::array<Cell, 4> cells = cells_of(summary_.channel(layer, variant));
        text += fmt::format("NR share {} % on clean, furthest from it under {} with {} %, ",
                            cells_of(summary_.channel(layer, 0))[2].text, labels_[variant], cells[2].text);
      }
      text += lowest_alignment(layer) + ". ";
    }
    return text + "The table has every number.";
  }

  std::string lowest_alignment(int layer) const {
    double lowest = 2;
    std::string label;
    for (std::size_t variant = 1; variant < run_.variants.size(); ++variant) {
      const ChannelSummary* channel = summary_.channel(layer, static_cast<int>(variant));
      if (!channel || channel->groups.empty()) continue;
      const double alignment = channel->groups.front().measure("align_cosine_image_mean").value.value_or(2);
      if (alignment < lowest) {
        lowest = alignment;
        label = labels_[variant];
      }
    }
    return label.empty() ? "alignment n/a" : fmt::format("lowest alignment {} under {}", decimal(lowest, 2), label);
  }

  const RunSummary& summary_;
  const RunDescription& run_;
  const std::vector<int>& layers_;
  std::vector<std::string> labels_;
  double label_width_ = 0;
  Canvas canvas_;
};

}  // namespace

std::vector<Figure> channel_heat_maps(const RunSummary& summary) {
  std::vector<Figure> figures;
  std::size_t number = 0;
  for (const auto& [name, layers] : layers_by_name(summary.description)) {
    ++number;
    if (summary.description.variants.size() > 1) figures.push_back(HeatMap(summary, layers).draw(name, number));
  }
  return figures;
}

}  // namespace cuebench
