#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "axes.hpp"
#include "figures.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kMaximumModels = 3;
constexpr std::size_t kMaximumVariants = 3;  // beside clean

struct CurveStyle {
  std::string_view action, colour, title;
  int dash;
};
/// Colours of Okabe and Ito; random choices in grey.
constexpr std::array<CurveStyle, 5> kCurves = {{
    {"keep_relevant", "#0072b2", "only the k most relevant", 1},
    {"keep_random", "#8a949e", "only k at random", 1},
    {"zero_opposed", "#009e73", "without the k most opposed", 2},
    {"zero_relevant", "#d55e00", "without the k most relevant", 2},
    {"zero_random", "#8a949e", "without k at random", 2},
}};

/// 0 has no place on a logarithmic axis: it stands left of 1.
double place(double channels) {
  return channels > 0 ? channels : 0.5;
}

std::string tics(int channels) {
  std::string text = "'0' 0.5";
  for (int count = 1; count <= channels; count *= 4) text += fmt::format(", '{}' {}", count, count);
  return text;
}

std::string panel(const RunSummary& summary, int layer, int variant, std::size_t number, bool bottom, bool left) {
  const RunDescription& run = summary.description;
  const StoredLayer& stored = run.layers[static_cast<std::size_t>(layer)];
  std::string script, blocks;
  std::vector<std::string> clauses;
  for (const CurveStyle& style : kCurves) {
    const InterventionCurve* const curve = summary.intervention(layer, variant, style.action);
    if (!curve) continue;
    std::vector<std::vector<double>> rows;
    for (const InterventionPoint& point : curve->points) {
      std::vector<double> row{place(point.setting)};
      for (const double value : interval_of(point.accuracy, 100)) row.push_back(value);
      rows.push_back(row);
    }
    const std::string block = fmt::format("panel{}_{}", number, clauses.size());
    blocks += data_block(block, rows);
    clauses.push_back(fmt::format("${} using 1:2:3:4 with yerrorlines dt {} pt {} ps 0.5 lc rgb '{}' lw 1.5 title '{}'",
                                  block, style.dash, style.dash == 1 ? 7 : 6, style.colour, style.title));
    if (clauses.size() == 1 && curve->unmodified.value)
      script += fmt::format("set arrow from graph 0, first {0} to graph 1, first {0} nohead dt 3 lc rgb '#5f6b76'\n",
                            format_real(100 * *curve->unmodified.value));
  }
  std::string head = blocks + "unset arrow\n" + script;
  head += fmt::format("set title {} offset 0,-0.6\nset xrange [0.4:{}]\nset xtics ({})\n",
                      gnuplot_text(fmt::format("{}: {}", run.models[static_cast<std::size_t>(stored.model)].name,
                                               variant_labels(run)[static_cast<std::size_t>(variant)])),
                      1.15 * stored.channels, tics(stored.channels));
  head += fmt::format("set xlabel {}\nset ylabel {}\n",
                      bottom ? gnuplot_text(fmt::format("k of {} channels", stored.channels)) : "''",
                      left ? "'top-1 accuracy, %'" : "''");
  if (number > 0) head += "unset label\n";
  return head + plot_script(clauses);
}

/// What the lines are, in their colours: gnuplot's own key would have to fit into one panel.
std::string legend(const Figure& figure) {
  constexpr std::size_t kColumns = 3;
  std::string script;
  for (std::size_t i = 0; i < kCurves.size(); ++i) {
    const std::size_t row = i / kColumns, column = i % kColumns;
    const double left = 58.0 + static_cast<double>(column) * (figure.width - 70) / kColumns;
    script += fmt::format("set label '{} {}' at screen {}, screen {} left tc rgb '{}'\n",
                          kCurves[i].dash == 1 ? "\u25CF\u2014" : "\u25CB--", kCurves[i].title,
                          format_real(left / figure.width),
                          format_real(1 - (14.0 + 18.0 * static_cast<double>(row)) / figure.height), kCurves[i].colour);
  }
  return script;
}

bool has_curves(const RunSummary& summary, int layer) {
  return std::any_of(kCurves.begin(), kCurves.end(),
                     [&](const CurveStyle& style) { return summary.intervention(layer, 0, style.action) != nullptr; });
}

/// Clean, the attacks, then the variants whose accuracy the first layer's model loses most of.
std::vector<int> variants_shown(const RunSummary& summary, const std::vector<int>& layers) {
  std::vector<int> shown, others = most_changed_variants(summary, layers, kMaximumVariants);
  for (std::size_t variant = 1; variant < summary.description.variants.size(); ++variant)
    if (summary.description.variants[variant].keeps == "adversarial" && shown.size() < kMaximumVariants)
      shown.push_back(static_cast<int>(variant));
  for (const int variant : others)
    if (shown.size() < kMaximumVariants && std::find(shown.begin(), shown.end(), variant) == shown.end())
      shown.push_back(variant);
  shown.push_back(0);
  std::sort(shown.begin(), shown.end());
  return shown;
}

}  // namespace

std::vector<Figure> intervention_figures(const RunSummary& summary) {
  const RunDescription& run = summary.description;
  std::vector<Figure> figures;
  for (const auto& [name, all_layers] : layers_by_name(run)) {
    std::vector<int> layers;
    for (const int layer : all_layers)
      if (has_curves(summary, layer) && layers.size() < kMaximumModels) layers.push_back(layer);
    if (layers.empty()) continue;
    const std::vector<int> variants = variants_shown(summary, layers);
    Figure figure;
    figure.name = fmt::format("interventions-{}", figures.size() + 1);
    figure.width = std::max(560, 90 + 310 * static_cast<int>(layers.size()));
    figure.height = 120 + 190 * static_cast<int>(variants.size());
    figure.alternative = fmt::format(
        "Top-1 accuracy against the number of channels of {} that are kept or set to 0, by relevance and at random, on "
        "{}. interventions.csv has the numbers.",
        name, list_variants(variants, run, variants.size()));
    std::string script = axes_script() + "unset key\nset logscale x 2\nset yrange [0:100]\n" + legend(figure);
    // Fixed margins would make gnuplot leave out the names of axes; an empty title keeps room for the legend.
    script += fmt::format(
        "set lmargin 8\nset rmargin 1\nset tmargin 1.6\nset bmargin 3.4\n"
        "set multiplot layout {},{} title \"\\n \"\n",
        variants.size(), layers.size());
    std::size_t number = 0;
    for (const int variant : variants)
      for (const int layer : layers)
        script += panel(summary, layer, variant, number++, variant == variants.back(), layer == layers.front());
    figure.script = script + "unset multiplot\n";
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace cuebench
