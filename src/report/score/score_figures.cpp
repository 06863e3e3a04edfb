#include "score_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "../figures/axes.hpp"
#include "../figures/gnuplot.hpp"
#include "../text.hpp"
#include "score_tables.hpp"

namespace cuebench::score {
namespace {

using scoring::ObserverScores;
using scoring::SetScores;

struct Marker {
  std::string colour;
  int point = 7;
  double size = 1;
  bool line = true;
};

constexpr const char* kHumans = "#b2182b";
constexpr const char* kOneHuman = "#e8a39b";
/// Colours that colour-blind readers can tell apart (Okabe and Ito, without their reds), and two greys.
constexpr std::array<const char*, 10> kColours{"#0072B2", "#E69F00", "#009E73", "#56B4E9", "#CC79A7",
                                               "#7A5C00", "#444444", "#8E63B8", "#AAAA00", "#003F5C"};
constexpr std::array<int, 4> kPoints{5, 9, 13, 11};

/// Humans in red circles, small ones for single persons; models by colour, then by shape.
Marker marker_of(const ObserverScores& observer, bool pooled, bool several_humans, std::size_t model) {
  if (pooled || (observer.human && !several_humans)) return {kHumans, 7, 1.25, true};
  if (observer.human) return {kOneHuman, 6, 0.75, true};
  return {kColours[model % kColours.size()], kPoints[(model + model / kColours.size()) % kPoints.size()], 1.0, true};
}

Figure make_figure(const SetScores& set) {
  Figure figure;
  figure.name = shape_bias_figure_name(set);
  figure.alternative = fmt::format("Shape bias by category on {}. ", set.name);
  figure.width = 900;

  std::vector<std::string> tics;
  for (int category = 0; category < scoring::kCategories; ++category)
    tics.push_back(fmt::format("'{}' {}", scoring::category_name(category), -category));
  std::string script = axes_script();
  script += fmt::format(
      "set ytics ({}) scale 0\nset xrange [1:0]\nset yrange [{}:0.7]\nset grid ytics noxtics\nset border 5\n"
      "set xtics 0.1 format '%.1f'\nset x2range [0:1]\nset x2tics 0.1 format '%.1f' out scale 0.6 textcolor rgb "
      "'#1b1f24'\n"
      "set xlabel '\u2190 shape        share of shape decisions        texture \u2192'\n"
      "set x2label 'share of texture decisions'\n"
      "set arrow from 0.5, graph 0 to 0.5, graph 1 nohead lc rgb '#9aa5ae' dt 3 back\n",
      fmt::join(tics, ", "), -scoring::kCategories + 0.3);

  std::vector<std::string> clauses;
  std::size_t model = 0, shown = 0;
  std::string single_look;
  std::size_t longest = 0;
  // Single humans first, so that the others lie above them.
  std::vector<const ObserverScores*> order;
  for (const ObserverScores& observer : set.observers)
    if (observer.human && set.humans) order.push_back(&observer);
  if (set.humans) order.push_back(&*set.humans);
  for (const ObserverScores& observer : set.observers)
    if (!observer.human || !set.humans) order.push_back(&observer);
  for (const ObserverScores* observer : order) {
    if (!observer->cues) continue;
    const bool pooled = set.humans && observer == &*set.humans;
    const Marker marker = marker_of(*observer, pooled, set.humans.has_value(), model);
    model += !observer->human;
    std::vector<std::vector<double>> rows;
    for (int category = 0; category < scoring::kCategories; ++category) {
      const CueCounts& counts = observer->cues->categories[category];
      rows.push_back({shape_bias_of(counts.shape, counts.texture).value_or(std::nan("")), -1.0 * category});
    }
    const std::string block = fmt::format("observer{}", shown++);
    script += data_block(block, rows);
    const bool single = observer->human && set.humans && !pooled;
    if (observer->cues->bias.value)
      script += fmt::format("set arrow from {0}, graph 0 to {0}, graph 1 nohead lc rgb '{1}' lw {2} {3}\n",
                            format_real(*observer->cues->bias.value), marker.colour, single ? 0.6 : 1.4,
                            single ? "back" : "dt 2 back");
    const std::string title = pooled ? "humans, all trials" : observer->name;
    const std::string look =
        fmt::format("with points pt {} ps {} lw 1.3 lc rgb '{}'", marker.point, marker.size, marker.colour);
    clauses.push_back(
        fmt::format("${} using 1:2 {} {}", block, look, single ? "notitle" : "title " + gnuplot_text(title)));
    if (!single) longest = std::max(longest, title.size());
    if (single) single_look = look;
    if (pooled && !single_look.empty())
      clauses.push_back(fmt::format("keyentry {} title 'single humans'", single_look));
    if (!single && observer->cues->bias.value)
      figure.alternative += fmt::format("{}: {} %. ", observer->name, decimal(100 * *observer->cues->bias.value, 1));
  }
  const std::size_t columns = longest <= 26 ? 3 : longest <= 56 ? 2 : 1;
  const auto entries = static_cast<std::size_t>(std::count_if(
      clauses.begin(), clauses.end(), [](const std::string& clause) { return !clause.ends_with("notitle"); }));
  script += fmt::format("set key outside below center horizontal maxcols {} Left reverse noinvert height 1\n", columns);
  figure.height = 530 + 19 * static_cast<int>((entries + columns - 1) / columns);
  figure.script = script + plot_script(clauses);
  return figure;
}

}  // namespace

std::string shape_bias_figure_name(const SetScores& set) {
  std::string name = "shape-bias-";
  for (const char c : set.name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    name += plain ? c : '-';
  }
  return name;
}

std::vector<Figure> shape_bias_figures(const scoring::Scores& scores) {
  std::vector<Figure> figures;
  for (const SetScores& set : scores.sets)
    if (set.cue_conflict) figures.push_back(make_figure(set));
  return figures;
}

}  // namespace cuebench::score
