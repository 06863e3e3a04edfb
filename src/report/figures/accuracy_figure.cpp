#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

/// Variants from top to bottom, with a gap before each group.
struct Row {
  int variant;
  double y;
};

std::vector<Row> rows_of(const RunDescription& run) {
  std::vector<Row> rows{{0, 0}};
  double y = 0;
  for (const CueGroup& group : cue_groups()) {
    const std::vector<int> variants = variants_of_group(run, group.keeps);
    if (!variants.empty()) y -= 0.6;
    for (const int variant : variants) rows.push_back({variant, y -= 1});
  }
  return rows;
}

std::string variant_tics(const std::vector<Row>& rows, const RunDescription& run) {
  const std::vector<std::string> labels = variant_labels(run);
  std::vector<std::string> tics;
  tics.reserve(rows.size());
  for (const Row& row : rows) tics.push_back(fmt::format("{} {}", gnuplot_text(labels[row.variant]), row.y));
  return fmt::format("set ytics ({})\n", fmt::join(tics, ", "));
}

std::string describe(const RunSummary& summary) {
  const std::vector<std::string> labels = variant_labels(summary.description);
  std::string text = "Top-1 accuracy with 95 % intervals. ";
  for (std::size_t model = 0; model < summary.description.models.size(); ++model) {
    text += summary.description.models[model].name + ": ";
    for (std::size_t variant = 0; variant < summary.description.variants.size(); ++variant)
      text += fmt::format("{}{} {}", variant ? ", " : "", labels[variant],
                          percent(summary.score(static_cast<int>(model), static_cast<int>(variant)).top1));
    text += ". ";
  }
  return text;
}

}  // namespace

Figure accuracy_figure(const RunSummary& summary) {
  const RunDescription& run = summary.description;
  const std::vector<Row> rows = rows_of(run);
  const std::vector<ModelStyle> styles = model_styles(run.models);
  Figure figure;
  figure.name = "accuracy";
  figure.alternative = describe(summary);
  figure.height = 110 + static_cast<int>((1 - rows.back().y) * (18 + 5 * static_cast<double>(run.models.size())));
  std::string script = axes_script() + variant_tics(rows, run);
  script += fmt::format(
      "set xrange [0:100]\nset yrange [{}:0.7]\nset xlabel 'top-1 accuracy, % of labelled images'\n"
      "set grid noytics xtics\nset tics noenhanced\n",
      rows.back().y - 0.7);
  std::vector<std::string> clauses;
  for (std::size_t model = 0; model < run.models.size(); ++model) {
    // Models of one variant stand a little apart, the first on top.
    const double spread = run.models.size() > 1 ? 0.44 : 0.0;
    const double offset = spread / 2 - spread * static_cast<double>(model) /
                                           std::max<double>(1.0, static_cast<double>(run.models.size()) - 1);
    std::vector<std::vector<double>> data;
    for (const Row& row : rows) {
      std::vector<double> point = interval_of(summary.score(static_cast<int>(model), row.variant).top1, 100);
      point.push_back(row.y + offset);
      data.push_back(point);
    }
    const std::string block = fmt::format("model{}", model);
    script += data_block(block, data);
    clauses.push_back(fmt::format("${} using 1:4:2:3 with xerrorbars pt {} lc rgb '{}' lw 1.4 title {}", block,
                                  styles[model].gnuplot_point, styles[model].colour,
                                  gnuplot_text(run.models[model].name)));
  }
  figure.script = script + plot_script(clauses);
  return figure;
}

}  // namespace cuebench
