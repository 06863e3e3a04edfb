#include <span>

#include <fmt/format.h>

#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

std::string bias_row(const Page& page, const ShapeBiasScores& bias) {
  return fmt::format("<tr><th scope=\"row\">{}</th>{}{}{}{}{}<td class=\"num\">{}</td></tr>\n", page.model(bias.model),
                     percent_cell(bias.bias), percent_cell(bias.class_mean), percent_cell(bias.shape_share),
                     percent_cell(bias.texture_share), percent_cell(bias.other_share),
                     bias.counts.shape + bias.counts.texture + bias.counts.other);
}

std::string bias_table(const Page& page, int variant) {
  std::string body = "<tbody>";
  for (std::size_t model = 0; model < page.run().models.size(); ++model)
    body += bias_row(page, *page.summary.bias(static_cast<int>(model), variant));
  return table(
      fmt::format("{}: images whose shape and texture belong to different classes. Shape bias = shape decisions "
                  "/ (shape + texture decisions).",
                  variant == 0 ? "Images as they are" : page.labels[variant]),
      "<tr><th scope=\"col\">Model</th><th scope=\"col\" class=\"num\">Shape bias</th>"
      "<th scope=\"col\" class=\"num\">Mean over classes</th><th scope=\"col\" class=\"num\">Shape</th>"
      "<th scope=\"col\" class=\"num\">Texture</th><th scope=\"col\" class=\"num\">Other</th>"
      "<th scope=\"col\" class=\"num\">Images</th></tr>",
      body + "</tbody>\n", "pin");
}

}  // namespace

std::string shape_bias_section(const Page& page) {
  if (page.summary.shape_bias.empty()) return "";
  const std::vector<int>& variants = page.summary.conflict_variants;
  std::string body = bias_table(page, variants.front());
  for (const PairComparison& pair : page.summary.pairs) {
    const Measure& difference = pair.variants.at(static_cast<std::size_t>(variants.front())).shape_bias_difference;
    body += fmt::format("<p>{} minus {}: {}.</p>\n", page.model(pair.robust), page.model(pair.standard),
                        escape(difference.value ? points_with_interval(difference) : "n/a, " + difference.method));
  }
  body += figure(page.drawing("shape-bias"),
                 "Share of shape decisions among shape and texture decisions, by shape class, Wilson 95 % intervals; "
                 "broken lines: all images.");
  std::string more;
  for (const int variant : std::span(variants).subspan(1)) more += bias_table(page, variant);
  if (!more.empty()) body += details("Shape bias under the other variants", more);
  return section("shape-bias", "Shape bias", body);
}

}  // namespace cuebench::html
