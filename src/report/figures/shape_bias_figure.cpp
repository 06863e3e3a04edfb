#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

/// More classes than this do not fit; the figure then shows the value of all of them only.
constexpr std::size_t kMaximumClasses = 40;

/// Shape classes that occur, as rows under the row of all images.
std::vector<std::size_t> classes_shown(const RunSummary& summary) {
  std::vector<std::size_t> shown;
  const ShapeBiasScores& first = summary.shape_bias.front();
  for (std::size_t label = 0; label < first.class_counts.size(); ++label) {
    const ShapeBiasScores::Counts& counts = first.class_counts[label];
    if (counts.shape + counts.texture + counts.other > 0) shown.push_back(label);
  }
  if (shown.size() > kMaximumClasses) shown.clear();
  return shown;
}

}  // namespace

std::vector<Figure> shape_bias_figures(const RunSummary& summary) {
  const RunDescription& run = summary.description;
  if (summary.shape_bias.empty() || !summary.shape_bias.front().shape_share.value) return {};
  const std::vector<std::size_t> classes = classes_shown(summary);
  const std::vector<ModelStyle> styles = model_styles(run.models);
  Figure figure;
  figure.name = "shape-bias";
  figure.alternative = "Shape decisions as a share of shape and texture decisions, all images and by shape class. ";
  figure.height = 130 + 26 * static_cast<int>(classes.size() + 1);

  std::vector<std::string> tics{"'all images' 0"};
  for (std::size_t i = 0; i < classes.size(); ++i)
    tics.push_back(fmt::format("{} {}", gnuplot_text(run.classes[classes[i]]), -1.4 - static_cast<double>(i)));
  std::string script = axes_script();
  script += fmt::format(
      "set ytics ({})\nset xrange [0:1]\nset yrange [{}:0.7]\nset grid noytics xtics\n"
      "set xlabel 'texture 0  \u2014  share of shape decisions among shape and texture decisions  \u2014  1 shape'\n"
      "set arrow from 0.5, graph 0 to 0.5, graph 1 nohead lc rgb '#5f6b76' dt 3\n",
      fmt::join(tics, ", "), -1.4 - static_cast<double>(classes.size()) + 0.3);
  std::vector<std::string> clauses;
  for (std::size_t model = 0; model < run.models.size(); ++model) {
    const ShapeBiasScores& bias = *summary.bias(static_cast<int>(model), summary.conflict_variants.front());
    const double offset =
        0.2 - 0.4 * static_cast<double>(model) / std::max<double>(1, static_cast<double>(run.models.size()) - 1);
    std::vector<std::vector<double>> data;
    const auto add = [&](const Measure& measure, double y) {
      std::vector<double> point = interval_of(measure, 1);
      point.push_back(run.models.size() > 1 ? y + offset : y);
      data.push_back(point);
    };
    add(bias.bias, 0);
    for (std::size_t i = 0; i < classes.size(); ++i) add(bias.class_bias[classes[i]], -1.4 - static_cast<double>(i));
    const std::string block = fmt::format("model{}", model);
    script += data_block(block, data);
    if (bias.bias.value)
      script += fmt::format("set arrow from {0}, graph 0 to {0}, graph 1 nohead lc rgb '{1}' lw 1 dt 2\n",
                            format_real(*bias.bias.value), styles[model].colour);
    clauses.push_back(fmt::format("${} using 1:4:2:3 with xerrorbars pt {} lc rgb '{}' lw 1.4 title {}", block,
                                  styles[model].gnuplot_point, styles[model].colour,
                                  gnuplot_text(run.models[model].name)));
    figure.alternative += fmt::format("{}: {}. ", run.models[model].name, percent_with_interval(bias.bias));
  }
  figure.script = script + plot_script(clauses);
  return {figure};
}

}  // namespace cuebench
