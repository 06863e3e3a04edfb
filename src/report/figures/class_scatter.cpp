#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"
#include "label_placement.hpp"
#include "panel_grid.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kMaximumAttacks = 2;
constexpr std::size_t kModelsAcross = 3;
constexpr double kLabelHeight = 13, kCharacterWidth = 6.2;

struct Statistic {
  const char* field;
  bool on_clean;
  const char* x_label;
  const char* pearson;
  const char* spearman;
};
constexpr std::array<Statistic, 2> kStatistics{{{"align_cosine_image_mean", false, "alignment with clean (cosine)",
                                                 "corr_align_acc_pearson", "corr_align_acc_spearman"},
                                                {"act_rel_spearman", true, "activation, relevance on clean (Spearman)",
                                                 "corr_actrel_acc_pearson", "corr_actrel_acc_spearman"}}};

struct Range {
  double low, high;
};

/// With room at both ends; `smallest` where all values are equal.
Range range_of(const std::vector<double>& values, double smallest) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = *high > *low ? 0.1 * (*high - *low) : smallest;
  return {*low - margin, *high + margin};
}

/// At most six tics, at multiples of 1, 2 or 5 times a power of ten.
std::string tics(const char* axis, const Range& range) {
  const double rough = (range.high - range.low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5., 2., 1.})
    if (factor * power >= rough) step = factor * power;
  return fmt::format("set {} {}\n", axis, format_real(step));
}

std::string correlation_text(const char* name, const Measure& measure) {
  if (!measure.value) return fmt::format("{} n/a", name);
  if (!measure.low || !measure.high) return fmt::format("{} {}", name, decimal(*measure.value, 2));
  return fmt::format("{} {} ({} to {})", name, decimal(*measure.value, 2), decimal(*measure.low, 2),
                     decimal(*measure.high, 2));
}

/// Why a correlation over these classes is not defined; "" where it is.
std::string why_undefined(const std::vector<ClassPoint>& points) {
  const auto constant = [&](double ClassPoint::*value) {
    return std::all_of(points.begin(), points.end(),
                       [&](const ClassPoint& point) { return point.*value == points.front().*value; });
  };
  if (points.size() < 3) return "fewer than 3 classes have both values";
  if (constant(&ClassPoint::accuracy)) return "all classes have the same accuracy";
  return constant(&ClassPoint::statistic) ? "all classes have the same value" : "";
}

class Scatter {
 public:
  Scatter(const RunSummary& summary, const std::vector<int>& layers, int attack)
      : summary_(summary),
        run_(summary.description),
        layers_(layers),
        attack_(attack),
        attack_label_(variant_labels(run_)[attack]),
        styles_(model_styles(run_.models)) {
    const std::size_t blocks = (layers.size() + kModelsAcross - 1) / kModelsAcross;
    grid_.columns = static_cast<int>(std::min(layers.size(), kModelsAcross));
    grid_.rows = static_cast<int>(blocks * kStatistics.size());
    grid_.panel_width = grid_.columns < 3 ? 340 : 262;
    grid_.panel_height = 200;
    grid_.left = 62;
    grid_.column_gap = 52;
    grid_.row_gap = 108;
    grid_.top = 86;
  }

  Figure draw(const std::string& layer_name, std::size_t number, std::size_t attack_number) const {
    Figure figure;
    figure.name = fmt::format("channel-classes-{}-{}", number, attack_number);
    figure.width = grid_.width();
    figure.height = grid_.height();
    figure.alternative = fmt::format(
        "One point a class: alignment in layer {} under {}, and correlation of activation and relevance on clean, "
        "against the accuracy under {}. ",
        layer_name, attack_label_, attack_label_);
    figure.script = axes_script() +
                    "set tics font ',11'\nset xtics offset 0,0.6\nset xlabel offset 0,0.8\nunset key\nset multiplot\n";
    for (std::size_t model = 0; model < layers_.size(); ++model)
      for (std::size_t statistic = 0; statistic < kStatistics.size(); ++statistic) {
        figure.script += panel(model, statistic);
        figure.alternative += describe(model, kStatistics[statistic]);
      }
    figure.script += "unset multiplot\n";
    return figure;
  }

 private:
  const std::string& model_name(std::size_t model) const { return run_.models[run_.layers[layers_[model]].model].name; }

  std::vector<ClassPoint> points_of(std::size_t model, const Statistic& statistic) const {
    return class_points(summary_, layers_[model], attack_, statistic.field, statistic.on_clean);
  }

  std::vector<std::string> correlations(std::size_t model, const Statistic& statistic) const {
    const ChannelSummary* channel = summary_.channel(layers_[model], attack_);
    if (!channel || channel->groups.empty()) return {"no record"};
    const ChannelGroup& all = channel->groups.front();
    const std::string why = why_undefined(points_of(model, statistic));
    if (!why.empty()) return {"no correlation: " + why};
    return {correlation_text("Pearson", all.measure(statistic.pearson)),
            correlation_text("Spearman", all.measure(statistic.spearman))};
  }

  std::string describe(std::size_t model, const Statistic& statistic) const {
    return fmt::format("{}, {}: {}. ", model_name(model), statistic.x_label,
                       fmt::join(correlations(model, statistic), ", "));
  }

  std::string panel(std::size_t model, std::size_t number) const {
    const Statistic& statistic = kStatistics[number];
    const std::vector<ClassPoint> points = points_of(model, statistic);
    const int row = static_cast<int>(model / kModelsAcross * kStatistics.size() + number);
    const int column = static_cast<int>(model % kModelsAcross);
    const double left = grid_.x(column), top = grid_.y(row);
    std::string script = grid_.margins(row, column) + "unset label\nunset arrow\n";
    const auto write = [&](const std::string& text, double y, const char* colour, int size) {
      script += fmt::format("set label {} at {} left tc rgb '{}' font ',{}'\n", gnuplot_text(text), grid_.at(left, y),
                            colour, size);
    };
    if (row == 0 && column == 0) write("Under " + shortened(attack_label_, 44), 14, "#1b1f24", 13);
    write(shortened(model_name(model), 40), top - 46, "#1b1f24", 13);
    double line = top - 29;
    for (const std::string& correlation : correlations(model, statistic)) {
      write(correlation, line, "#56616b", 11);
      line += 15;
    }
    script += fmt::format("set xlabel {}\nset ylabel {}\n", gnuplot_text(statistic.x_label),
                          gnuplot_text(column == 0 ? "accuracy under attack, %" : ""));
    if (points.empty()) {
      write("no class has both values", top + grid_.panel_height / 2, "#56616b", 12);
      return script + "set xrange [0:1]\nset yrange [0:100]\nplot NaN notitle\n";
    }
    return script + scatter(points, run_.layers[layers_[model]].model, left, top);
  }

  std::string scatter(const std::vector<ClassPoint>& points, int model, double left, double top) const {
    std::vector<double> xs, ys;
    std::vector<std::vector<double>> rows;
    for (const ClassPoint& point : points) {
      xs.push_back(point.statistic);
      ys.push_back(100 * point.accuracy);
      rows.push_back({xs.back(), ys.back()});
    }
    const Range x = range_of(xs, 0.05);
    Range y = range_of(ys, 5);
    y.low = std::max(y.low, -0.06 * y.high);  // no accuracy below 0
    std::vector<LabelledPoint> places;
    for (std::size_t i = 0; i < points.size(); ++i)
      places.push_back({left + (xs[i] - x.low) / (x.high - x.low) * grid_.panel_width,
                        top + (y.high - ys[i]) / (y.high - y.low) * grid_.panel_height,
                        kCharacterWidth * static_cast<double>(name_of(points[i]).size())});
    std::string script =
        fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\n{}{}", format_real(x.low), format_real(x.high),
                    format_real(y.low), format_real(y.high), tics("xtics", x), tics("ytics", y));
    const auto labels = place_labels(places, kLabelHeight,
                                     {left, top - 4, left + grid_.panel_width + 14, top + grid_.panel_height - 2});
    for (std::size_t i = 0; i < points.size(); ++i)
      if (labels[i]) script += label(name_of(points[i]), places[i], *labels[i]);
    const std::string block = "classes";
    script += data_block(block, rows);
    return script + plot_script({fmt::format("${} using 1:2 with points pt {} ps 0.8 lc rgb '{}' notitle", block,
                                             styles_[model].gnuplot_point, styles_[model].colour)});
  }

  std::string name_of(const ClassPoint& point) const { return shortened(summary_.class_name(point.label), 16); }

  /// The name, and a line to its point where it stands apart from it.
  std::string label(const std::string& name, const LabelledPoint& point, const Box& box) const {
    const double x = std::clamp(point.x, box.left, box.right), y = std::clamp(point.y, box.top, box.bottom);
    std::string script;
    if (std::hypot(point.x - x, point.y - y) > 9)
      script = fmt::format("set arrow from {} to {} nohead lc rgb '#aab4bc' lw 0.8\n", grid_.at(point.x, point.y),
                           grid_.at(x, y));
    return script + fmt::format("set label {} at {} center tc rgb '#1b1f24' font ',11'\n", gnuplot_text(name),
                                grid_.at((box.left + box.right) / 2, (box.top + box.bottom) / 2));
  }

  const RunSummary& summary_;
  const RunDescription& run_;
  const std::vector<int>& layers_;
  const int attack_;
  const std::string attack_label_;
  const std::vector<ModelStyle> styles_;
  PanelGrid grid_;
};

}  // namespace

std::vector<ClassPoint> class_points(const RunSummary& summary, int layer, int variant, std::string_view field,
                                     bool on_clean) {
  std::vector<ClassPoint> points;
  const ChannelSummary* channel = summary.channel(layer, on_clean ? 0 : variant);
  if (!channel) return points;
  const VariantScores& scores = summary.score(summary.description.layers[layer].model, variant);
  for (const ChannelGroup& group : channel->groups) {
    if (group.label < 0 || static_cast<std::size_t>(group.label) >= scores.class_top1.size()) continue;
    const auto& statistic = group.measure(field).value;
    const auto& accuracy = scores.class_top1[static_cast<std::size_t>(group.label)].value;
    if (statistic && accuracy) points.push_back({group.label, *statistic, *accuracy});
  }
  return points;
}

std::vector<Figure> class_scatters(const RunSummary& summary) {
  std::vector<Figure> figures;
  const std::vector<int> attacks = adversarial_variants(summary, kMaximumAttacks);
  std::size_t number = 0;
  for (const auto& [name, layers] : layers_by_name(summary.description)) {
    ++number;
    const bool any = std::any_of(layers.begin(), layers.end(), [&](int layer) {
      return !attacks.empty() && !class_points(summary, layer, attacks.front(), kStatistics[1].field, true).empty();
    });
    for (std::size_t attack = 0; any && attack < attacks.size(); ++attack)
      figures.push_back(Scatter(summary, layers, attacks[attack]).draw(name, number, attack + 1));
  }
  return figures;
}

}  // namespace cuebench
