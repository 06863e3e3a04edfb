#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "../variant_sweep.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

/// What is swept, by the variants' label without the swept value: "pgd norm=l2" where another sweep has another norm.
std::string subject(const VariantSweep& sweep, const std::vector<std::string>& labels) {
  std::string label = labels.at(static_cast<std::size_t>(sweep.points.front().second));
  const std::string setting = fmt::format(" {}={}", sweep.parameter, sweep.values.front());
  const auto at = label.find(setting);
  return at == std::string::npos ? sweep.transforms : label.erase(at, setting.size());
}

std::string x_axis(const VariantSweep& sweep, const std::string& subject) {
  const double low = sweep.points.front().first, high = sweep.points.back().first;
  std::vector<std::string> tics;
  for (std::size_t i = 0; i < sweep.points.size(); ++i)
    tics.push_back(fmt::format("{} {}", gnuplot_text(sweep.values[i]), format_real(sweep.points[i].first)));
  const double margin = sweep.logarithmic ? std::pow(high / low, 0.06) : 0.06 * (high - low);
  return fmt::format(
      "{}set xrange [{}:{}]\nset xtics ({})\nset xlabel {}\n", sweep.logarithmic ? "set logscale x\n" : "",
      format_real(sweep.logarithmic ? low / margin : low - margin),
      format_real(sweep.logarithmic ? high * margin : high + margin), fmt::join(tics, ", "),
      gnuplot_text(fmt::format("{} of {}{}", sweep.parameter, subject, sweep.logarithmic ? " (logarithmic)" : "")));
}

Figure sweep_figure(const RunSummary& summary, const VariantSweep& sweep, const std::string& subject,
                    std::size_t number) {
  const RunDescription& run = summary.description;
  const std::vector<ModelStyle> styles = model_styles(run.models);
  Figure figure;
  figure.name = fmt::format("sweep-{}", number);
  figure.alternative = fmt::format("Top-1 accuracy against {} of {}. ", sweep.parameter, subject);
  figure.width = 560;
  figure.height = 330;
  std::string script = axes_script() + x_axis(sweep, subject) + "set yrange [0:100]\nset ylabel 'top-1 accuracy, %'\n";
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
  const std::vector<std::string> labels = variant_labels(summary.description);
  std::vector<Figure> figures;
  for (const VariantSweep& sweep : find_sweeps(summary.description))
    figures.push_back(sweep_figure(summary, sweep, subject(sweep, labels), figures.size() + 1));
  return figures;
}

}  // namespace cuebench
