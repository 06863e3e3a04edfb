#include <fmt/format.h>

#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

/// An arrow for a difference that is distinguishable from 0, with words for screen readers.
std::string mark(int side) {
  if (side > 0) return "<span class=\"mark up\" title=\"robust higher\">\u25B2</span>";
  if (side < 0) return "<span class=\"mark down\" title=\"robust lower\">\u25BC</span>";
  return "<span class=\"mark none\" title=\"not distinguishable from 0\">\u00B7</span>";
}

/// Arrow of the accuracy difference: only where the adjusted p is below 0.05.
std::string holm_mark(const VariantComparison& now) {
  const bool significant = now.holm_p.value && *now.holm_p.value < 0.05;
  if (!significant) return mark(0);
  return mark(now.only_robust > now.only_standard ? 1 : -1);
}

std::string row(const Page& page, const PairComparison& pair, const VariantComparison& now) {
  const VariantScores& robust = page.summary.score(pair.robust, now.variant);
  const VariantScores& standard = page.summary.score(pair.standard, now.variant);
  std::string cells = fmt::format("<th scope=\"row\">{}</th>", page.variant(now.variant));
  cells += percent_cell(standard.top1) + percent_cell(robust.top1);
  if (now.variant == 0) {
    cells += "<td class=\"num edge missing\">100 %</td><td class=\"num missing\">100 %</td>";
  } else {
    cells += percent_cell(standard.retained, {.edge = true}) + percent_cell(robust.retained);
  }
  cells += points_cell(now.difference, holm_mark(now), {.edge = true});
  cells += now.holm_p.value
               ? fmt::format("<td class=\"num\">{}<small>{}</small></td>", escape(p_value(*now.holm_p.value)),
                             escape(p_value(*now.benjamini_hochberg_p.value)))
               : number_cell(now.holm_p, 3);
  cells += now.variant == 0 ? "<td class=\"num missing\">reference</td>"
                            : points_cell(now.relative_to_clean, mark(side_of_zero(now.relative_to_clean)));
  return fmt::format("<tr>{}</tr>\n", cells);
}

std::string group_rows(const Page& page, const PairComparison& pair, std::string_view title,
                       const std::vector<int>& variants) {
  if (variants.empty()) return "";
  std::string rows = fmt::format(
      "<tbody><tr class=\"group\"><th colspan=\"8\" scope=\"rowgroup\"><span>{}</span></th></tr>\n", escape(title));
  for (const int variant : variants) rows += row(page, pair, pair.variants.at(variant));
  return rows + "</tbody>\n";
}

std::string comparison_table(const Page& page, const PairComparison& pair) {
  const std::string standard = page.model(pair.standard), robust = page.model(pair.robust);
  const std::string head = fmt::format(
      "<tr><th scope=\"col\" rowspan=\"2\">Variant</th><th scope=\"colgroup\" colspan=\"2\">Top-1 accuracy</th>"
      "<th scope=\"colgroup\" colspan=\"2\" class=\"edge\">Kept of clean accuracy</th>"
      "<th scope=\"colgroup\" colspan=\"3\" class=\"edge\">{2} minus {1}, points</th></tr>"
      "<tr><th scope=\"col\" class=\"num\">{0}</th><th scope=\"col\" class=\"num\">{3}</th>"
      "<th scope=\"col\" class=\"num edge\">{0}</th><th scope=\"col\" class=\"num\">{3}</th>"
      "<th scope=\"col\" class=\"num edge\">Accuracy</th><th scope=\"col\" class=\"num\">p, "
      "Holm<br><small>Benjamini-Hochberg</small></th>"
      "<th scope=\"col\" class=\"num\">Beyond the clean difference</th></tr>",
      standard, escape(page.run().models[pair.standard].name), escape(page.run().models[pair.robust].name), robust);
  std::string body = "<tbody>" + row(page, pair, pair.variants.at(0)) + "</tbody>\n";
  for (const CueGroup& group : cue_groups())
    body += group_rows(page, pair, group.title, variants_of_group(page.run(), group.keeps));
  return table(
      fmt::format("{} labelled images; 95 % intervals in small type. \u25B2 robust higher, \u25BC robust lower, "
                  "\u00B7 not distinguishable from no difference (McNemar with Holm's adjustment over the "
                  "variants at 0.05 for accuracy; interval without 0 for the last column).",
                  page.summary.items.labelled),
      head, body, "pin");
}

std::string evidence_table(const Page& page, const PairComparison& pair) {
  const CueEvidence& cues = pair.cues;
  if (!cues.shape_difference.value && !cues.texture_difference.value) return "";
  const auto evidence_row = [&](std::string_view name, const std::vector<int>& variants, const Measure& standard,
                                const Measure& robust, const Measure& difference) {
    if (!difference.value) return std::string();
    return fmt::format("<tr><th scope=\"row\">{}<small class=\"soft\"><br>{}</small></th>{}{}{}</tr>\n", name,
                       escape(list_variants(variants, page.run(), 6)), percent_cell(standard), percent_cell(robust),
                       points_cell(difference, mark(side_of_zero(difference))));
  };
  std::string body = "<tbody>";
  body += evidence_row("Texture removed", cues.shape_variants, cues.standard_shape, cues.robust_shape,
                       cues.shape_difference);
  body += evidence_row("Shape removed", cues.texture_variants, cues.standard_texture, cues.robust_texture,
                       cues.texture_difference);
  if (cues.contrast.value)
    body += fmt::format("<tr><th scope=\"row\">Texture removed minus shape removed</th><td></td><td></td>{}</tr>\n",
                        points_cell(cues.contrast, mark(side_of_zero(cues.contrast))));
  const std::string head = fmt::format(
      "<tr><th scope=\"col\">Variants taken together</th><th scope=\"col\" class=\"num\">{}</th>"
      "<th scope=\"col\" class=\"num\">{}</th><th scope=\"col\" class=\"num\">Difference, points</th></tr>",
      page.model(pair.standard), page.model(pair.robust));
  return table(
      "Kept of clean accuracy, mean over the variants that leave one cue. A model that decides more by shape "
      "keeps more when texture is removed and less when shape is removed: the last row is the verdict's basis.",
      head, body + "</tbody>\n");
}

}  // namespace

std::string comparison_section(const Page& page) {
  std::string body;
  for (const PairComparison& pair : page.summary.pairs) {
    if (page.summary.pairs.size() > 1)
      body += fmt::format("<h3>{} against {}</h3>\n", page.model(pair.robust), page.model(pair.standard));
    body += evidence_table(page, pair) + comparison_table(page, pair);
  }
  return section("comparison", "Robust against standard, by the cue that is left", body);
}

}  // namespace cuebench::html
