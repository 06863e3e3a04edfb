#include <fmt/format.h>

#include "../figures/figures.hpp"
#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

const InterventionPoint* at_setting(const InterventionCurve* curve, double setting) {
  if (!curve) return nullptr;
  for (const InterventionPoint& point : curve->points)
    if (point.setting == setting) return &point;
  return nullptr;
}

std::string mark(const Measure& change) {
  const int side = side_of_zero(change);
  if (side == 0) return "<span class=\"mark none\" title=\"interval holds 0\">\u00B7</span>";
  return side > 0 ? "<span class=\"mark up\" title=\"more accurate\">\u25B2</span>"
                  : "<span class=\"mark down\" title=\"less accurate\">\u25BC</span>";
}

/// Accuracy as it is, and with all opposed channels at 0.
std::string suppression_table(const Page& page, const std::vector<int>& layers) {
  std::string models = "<th scope=\"col\" rowspan=\"2\">Variant</th>", fields, rows;
  bool any = false;
  for (const int layer : layers) {
    models += fmt::format("<th scope=\"colgroup\" colspan=\"2\" class=\"edge\">{}</th>",
                          page.model(page.run().layers[static_cast<std::size_t>(layer)].model));
    fields +=
        "<th scope=\"col\" class=\"num edge\">As it is</th><th scope=\"col\" class=\"num\">NR channels at 0, "
        "points</th>";
  }
  for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant) {
    std::string cells = fmt::format("<th scope=\"row\">{}</th>", page.variant(static_cast<int>(variant)));
    for (const int layer : layers) {
      const InterventionCurve* const curve =
          page.summary.intervention(layer, static_cast<int>(variant), "suppress_opposed");
      const InterventionPoint* const point = at_setting(curve, 0);
      if (!point) {
        cells += "<td class=\"num edge missing\" colspan=\"2\">not asked for</td>";
        continue;
      }
      any = true;
      cells += percent_cell(curve->unmodified, {.edge = true}) + points_cell(point->change, mark(point->change));
    }
    rows += fmt::format("<tr>{}</tr>\n", cells);
  }
  if (!any) return "";
  return table(
      "Accuracy when the channels that speak against the two likeliest classes (NR: their relevances add up to less "
      "than 0) "
      "are set to 0, and the network decides anew. Intervals: bootstrap over images.",
      fmt::format("<tr>{}</tr><tr>{}</tr>", models, fields), fmt::format("<tbody>{}</tbody>\n", rows), "pin");
}

/// "standard keeps 80.1 % of 92.0 % with its 8 most relevant of 64 channels, 23.0 % with 8 at random"
std::string sentence(const Page& page, int layer) {
  const StoredLayer& stored = page.run().layers[static_cast<std::size_t>(layer)];
  const InterventionCurve* const relevant = page.summary.intervention(layer, 0, "keep_relevant");
  const InterventionCurve* const random = page.summary.intervention(layer, 0, "keep_random");
  if (!relevant || !random) return "";
  for (const InterventionPoint& point : relevant->points) {
    const InterventionPoint* const control = at_setting(random, point.setting);
    if (8 * point.setting < stored.channels || !control) continue;
    return fmt::format(
        "{} is right on {} of the clean images with the {} most relevant of its {} channels alone, on {} "
        "with {} at random, and on {} as it is",
        page.run().models[static_cast<std::size_t>(stored.model)].name, percent(point.accuracy), point.setting,
        stored.channels, percent(control->accuracy), point.setting, percent(relevant->unmodified));
  }
  return "";
}

}  // namespace

std::string intervention_section(const Page& page) {
  if (page.summary.interventions.empty()) return "";
  std::string body;
  int number = 0;
  for (const auto& [name, all_layers] : layers_by_name(page.run())) {
    std::vector<int> layers;
    for (const int layer : all_layers)
      for (const InterventionCurve& curve : page.summary.interventions)
        if (curve.layer == layer && (layers.empty() || layers.back() != layer)) layers.push_back(layer);
    if (layers.empty()) continue;
    body += fmt::format("<h3>Layer <code>{}</code></h3>\n", escape(name));
    std::vector<std::string> sentences;
    for (const int layer : layers)
      if (std::string text = sentence(page, layer); !text.empty()) sentences.push_back(std::move(text));
    if (!sentences.empty()) body += fmt::format("<p>{}.</p>\n", escape(fmt::format("{}", fmt::join(sentences, "; "))));
    body +=
        figure(page.drawing(fmt::format("interventions-{}", ++number)),
               "Accuracy with only k channels, or without k. Relevance: for the class that the network decides for "
               "(or the label, where that was asked for). Vertical lines: Wilson 95 % intervals; of random choices, "
               "95 % of the draws. Dotted: the network as it is.");
    body += suppression_table(page, layers);
  }
  return section("interventions", "Channels switched off", body);
}

}  // namespace cuebench::html
