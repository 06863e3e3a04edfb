#include <fmt/format.h>

#include "../channel_colours.hpp"
#include "../figures/figures.hpp"
#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

std::string ratio_cell(const Measure& measure, bool edge) {
  return number_cell(measure, 2, {edge, diverging_background(ratio_colour(measure))});
}

std::string share_delta_cell(const Measure& measure) {
  return points_cell(measure, "", {false, diverging_background(share_change_colour(measure))});
}

std::string alignment_cell(const Measure& measure) {
  return number_cell(measure, 2, {false, diverging_background(alignment_colour(measure))});
}

std::string layer_cells(const ChannelSummary* channel) {
  if (!channel || channel->groups.empty()) return "<td class=\"num edge missing\" colspan=\"4\">no record</td>";
  const ChannelGroup& all = channel->groups.front();
  return ratio_cell(all.measure("pr_ratio"), true) + ratio_cell(all.measure("nr_ratio"), false) +
         share_delta_cell(all.measure("nr_share_delta")) + alignment_cell(all.measure("align_cosine_image_mean"));
}

const ChannelDifference* find_difference(const PairComparison& pair, const std::string& layer, int variant) {
  for (const ChannelDifference& difference : pair.channels)
    if (difference.layer == layer && difference.variant == variant) return &difference;
  return nullptr;
}

std::string difference_mark(const Measure& measure) {
  const int side = side_of_zero(measure);
  if (side == 0) return "<span class=\"mark none\" title=\"interval holds 0\">\u00B7</span>";
  return side > 0 ? "<span class=\"mark up\" title=\"robust higher\">\u25B2</span>"
                  : "<span class=\"mark down\" title=\"robust lower\">\u25BC</span>";
}

struct LayerTable {
  const Page& page;
  const std::string& name;
  const std::vector<int>& layers;
  const PairComparison* pair;  ///< the first pair whose models both have the layer

  std::string head() const {
    std::string models = "<th scope=\"col\" rowspan=\"2\">Variant</th>", fields;
    for (const int layer : layers) {
      models += fmt::format("<th scope=\"colgroup\" colspan=\"4\" class=\"edge\">{}</th>",
                            page.model(page.run().layers[layer].model));
      fields +=
          "<th scope=\"col\" class=\"num edge\">PR ratio</th><th scope=\"col\" class=\"num\">NR ratio</th>"
          "<th scope=\"col\" class=\"num\">NR share change</th><th scope=\"col\" class=\"num\">Alignment</th>";
    }
    if (pair) {
      models +=
          fmt::format("<th scope=\"colgroup\" colspan=\"2\" class=\"edge\">{} minus {}</th>",
                      escape(page.run().models[pair->robust].name), escape(page.run().models[pair->standard].name));
      fields +=
          "<th scope=\"col\" class=\"num edge\">NR share change, points</th>"
          "<th scope=\"col\" class=\"num\">Alignment</th>";
    }
    return fmt::format("<tr>{}</tr><tr>{}</tr>", models, fields);
  }

  std::string row(int variant) const {
    std::string cells = fmt::format("<th scope=\"row\">{}</th>", page.variant(variant));
    for (const int layer : layers) cells += layer_cells(page.summary.channel(layer, variant));
    if (pair) {
      const ChannelDifference* difference = find_difference(*pair, name, variant);
      if (!difference) return fmt::format("<tr>{}<td class=\"edge\"></td><td></td></tr>\n", cells);
      cells += points_cell(difference->nr_share_delta, difference_mark(difference->nr_share_delta), {.edge = true});
      cells +=
          number_cell(difference->align_cosine_image_mean, 3, {}, difference_mark(difference->align_cosine_image_mean));
    }
    return fmt::format("<tr>{}</tr>\n", cells);
  }

  std::string body() const {
    std::string rows;
    for (const CueGroup& group : cue_groups()) {
      const std::vector<int> variants = variants_of_group(page.run(), group.keeps);
      if (variants.empty()) continue;
      rows +=
          fmt::format("<tbody><tr class=\"group\"><th colspan=\"{}\" scope=\"rowgroup\"><span>{}</span></th></tr>\n",
                      1 + 4 * layers.size() + (pair ? 2 : 0), escape(group.title));
      for (const int variant : variants) rows += row(variant);
      rows += "</tbody>\n";
    }
    return rows;
  }
};

std::string clean_shares(const Page& page, const std::vector<int>& layers) {
  std::vector<std::string> clauses;
  for (const int layer : layers) {
    const ChannelSummary* clean = page.summary.channel(layer, 0);
    if (!clean || clean->groups.empty()) continue;
    const ChannelGroup& all = clean->groups.front();
    clauses.push_back(fmt::format(
        "{}: NR share {}, activation and relevance correlate with {} over channels (Spearman)",
        page.run().models[page.run().layers[layer].model].name, percent_with_interval(all.measure("nr_share")),
        all.measure("act_rel_spearman").value ? decimal(*all.measure("act_rel_spearman").value, 2)
                                              : std::string("n/a")));
  }
  return clauses.empty()
             ? ""
             : fmt::format("<p>On clean images, {}.</p>\n", escape(fmt::format("{}", fmt::join(clauses, "; "))));
}

/// The heat map with the table behind it; without gnuplot the table alone.
std::string overview(const Page& page, const LayerTable& layer, int number) {
  const std::string numbers = table(
      "Activation in channels that speak for (PR) and against (NR) the image's class, relative to the same "
      "images clean. Ratios: 1 = as on clean. NR share change: points of NR / (NR + PR). Alignment: mean "
      "cosine with the clean activation. Orange: more than on clean, blue: less. Intervals: results.json.",
      layer.head(), layer.body(), "pin");
  const std::string map = page.drawing(fmt::format("channel-heat-map-{}", number));
  if (map.empty()) return numbers;
  return figure_in_own_size(
             map,
             "Activation in channels that speak for (PR) and against (NR) the image's class, relative to the same "
             "images clean (1 = as on clean); NR share: NR / (NR + PR), coloured by its change; alignment: mean "
             "cosine with the clean activation.") +
         details(layer.pair ? "The same as a table, with intervals of the changes, and robust minus standard"
                            : "The same as a table, with intervals of the changes",
                 numbers);
}

std::string profiles(const Page& page, std::size_t models, int number) {
  const std::string unit = "unit: the layer's mean activation on clean";
  const std::string which = models > kMaximumProfileModels
                                ? fmt::format(" The first {} of {} models are drawn.", kMaximumProfileModels, models)
                                : "";
  return figure_in_own_size(
             page.drawing(fmt::format("channels-{}", number)),
             "Channels in descending order of their relevance for the image's class on clean images, averaged over "
             "images; " +
                 unit +
                 ". Left of the dotted line relevance is positive. Shown: attacks, then the variants whose NR share "
                 "changes most." +
                 which) +
         figure_in_own_size(
             page.drawing(fmt::format("channel-magnitudes-{}", number)),
             "The same channels in descending order of their mean activation on the clean images of the class; " +
                 unit + ".") +
         figure_in_own_size(
             page.drawing(fmt::format("channel-frequencies-{}", number)),
             "Share of the images on which a channel is active, that is, above 1 % of the image's largest channel. "
             "Order of the channels as in the figure above: mean activation on clean.");
}

std::string class_scatter(const Page& page, int number) {
  std::string plots;
  for (int attack = 1; page.figures.contains(fmt::format("channel-classes-{}-{}", number, attack)); ++attack)
    plots += figure_in_own_size(
        page.drawing(fmt::format("channel-classes-{}-{}", number, attack)),
        attack > 1
            ? "The same under the other attack."
            : "One point a class, with the correlation over classes and its 95 % interval (wide with few classes). "
              "Above: alignment under the attack. Below: correlation of mean activation and relevance over "
              "channels on clean images. Every panel has its own scales; names that find no room are left out.");
  return plots;
}

/// Why there is no figure of classes, where the run could not give one.
std::string no_class_scatter(const Page& page) {
  if (adversarial_variants(page.summary, 1).empty())
    return "<p class=\"soft\">Whether robust classes are the aligned ones needs accuracies under an attack: add one to "
           "the variants, for example <code>--variant pgd:epsilon=8/255</code>.</p>\n";
  if (static_cast<int>(page.run().classes.size()) > page.summary.options.maximum_channel_classes)
    return fmt::format(
        "<p class=\"soft\">With more than {} classes, channel statistics are not kept by class, and no "
        "figure compares classes; the correlations over classes are in results.json.</p>\n",
        page.summary.options.maximum_channel_classes);
  return "";
}

}  // namespace

std::string channel_section(const Page& page) {
  std::string body;
  int number = 0;
  for (const auto& [name, layers] : layers_by_name(page.run())) {
    const PairComparison* shown = nullptr;
    for (const PairComparison& pair : page.summary.pairs)
      if (!shown && find_difference(pair, name, 0)) shown = &pair;
    ++number;
    body += fmt::format("<h3>Layer <code>{}</code>, {} channels</h3>\n", escape(name),
                        page.run().layers[layers.front()].channels);
    body += clean_shares(page, layers) + overview(page, {page, name, layers, shown}, number);
    body += profiles(page, layers.size(), number) + class_scatter(page, number);
  }
  if (!body.empty()) body += no_class_scatter(page);
  return section("channels", "Inside: positively and negatively relevant channels", body);
}

}  // namespace cuebench::html
