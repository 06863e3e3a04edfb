#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_sweep.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

std::string x_axis(const VariantSweep& sweep) {
  const double low = sweep.points.front().first, high = sweep.points.back().first;
  std::vector<std::string> tics;
  for (std::size_t i = 0; i < sweep.points.size(); ++i)
    tics.push_back(fmt::format("{} {}", gnuplot_text(sweep.values[i]), format_real(sweep.points[i].first)));
  const double margin = sweep.logarithmic ? std::pow(high / low, 0.06) : 0.06 * (high - low);
  return fmt::format("{}set xrange [{}:{}]\nset xtics ({})\nset xlabel {}\n",
                     sweep.logarithmic ? "set logscale x\n" : "",
                     format_real(sweep.logarithmic ? low / margin : low - margin),
                     format_real(sweep.logarithmic ? high * margin : high + margin), fmt::join(tics, ", "),
                     gnuplot_text(fmt::format("{} of {}{}", sweep.parameter, sweep.transforms,
                                              sweep.logarithmic ? " (logarithmic)" : "")));
}

Figure sweep_figure(const RunSummary& summary, const VariantSweep& sweep, std::size_t number) {
  const RunDescription& run = summary.description;
  const std::vector<ModelStyle> styles = model_styles(run.models);
  Figure figure;
  figure.name = fmt::format("sweep-{}", number);
  figure.alternative = fmt::format("Top-1 accuracy against {} of {}. ", sweep.parameter, sweep.transforms);
  figure.width = 560;
  figure.height = 330;
  std::string script = axes_script() + x_axis(sweep) + "set yrange [0:100]\nset ylabel 'top-1 accuracy, %'\n";
  std::vector<std::string> clauses;
  for (std::size_t model = 0; model < run.models.size(); ++model) {
    std::vector<std::vector<double>> data;
    figure.alternative += run.models[model].name + ": ";
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
      const auto& [value, variant] = sweep.points[i];
      const Measure& top1 = summary.score(static_cast<int>(model), variant).top1;
      std::vector<double> point{value};
      for (const double number_of_point : interval_of(top1, 100)) point.push_back(number_of_point);
      data.push_back(point);
      figure.alternative += fmt::format("{}={} {}, ", sweep.parameter, sweep.values[i], percent(top1));
    }
    const Measure& clean = summary.score(static_cast<int>(model), 0).top1;
    figure.alternative += fmt::format("clean {}. ", percent(clean));
    const std::string block = fmt::format("model{}", model);
    script += data_block(block, data);
    clauses.push_back(fmt::format("${} using 1:2:3:4 with yerrorlines pt {} lc rgb '{}' lw 1.6 title {}", block,
                                  styles[model].gnuplot_point, styles[model].colour,
                                  gnuplot_text(run.models[model].name)));
    if (clean.value)
      clauses.push_back(fmt::format("{} with lines dt 2 lc rgb '{}' lw 1 title {}", format_real(*clean.value * 100),
                                    styles[model].colour, gnuplot_text(run.models[model].name + ", clean")));
  }
  figure.script = script + plot_script(clauses);
  return figure;
}

}  // namespace

std::vector<Figure> sweep_figures(const RunSummary& summary) {
  std::vector<Figure> figures;
  for (const VariantSweep& sweep : find_sweeps(summary.description))
    figures.push_back(sweep_figure(summary, sweep, figures.size() + 1));
  return figures;
}

}  // namespace cuebench
