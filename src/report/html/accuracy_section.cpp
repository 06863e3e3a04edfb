#include <fmt/format.h>

#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

std::string score_row(const Page& page, int model, int variant) {
  const VariantScores& scores = page.summary.score(model, variant);
  return fmt::format("<tr><th scope=\"row\">{}</th>{}{}{}{}{}{}{}</tr>\n", page.variant(variant),
                     percent_cell(scores.top1), percent_cell(scores.top5), percent_cell(scores.retained),
                     percent_cell(scores.agreement), number_cell(scores.negative_log_likelihood, 3),
                     number_cell(scores.calibration_error, 3), number_cell(scores.confidence, 3));
}

std::string score_table(const Page& page, int model) {
  std::string body = "<tbody>";
  for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant)
    body += score_row(page, model, static_cast<int>(variant));
  return table(fmt::format("{}: every score over {} images.", page.run().models[model].name, page.summary.items.scored),
               "<tr><th scope=\"col\">Variant</th><th scope=\"col\" class=\"num\">Top-1</th>"
               "<th scope=\"col\" class=\"num\">Top-5</th><th scope=\"col\" class=\"num\">Kept of clean</th>"
               "<th scope=\"col\" class=\"num\">Same answer as clean</th><th scope=\"col\" class=\"num\">NLL, nats</th>"
               "<th scope=\"col\" class=\"num\">ECE</th><th scope=\"col\" class=\"num\">Mean confidence</th></tr>",
               body + "</tbody>\n", "pin");
}

}  // namespace

std::string accuracy_section(const Page& page) {
  if (page.summary.items.scored == 0) return "";
  std::string body =
      figure(page.drawing("accuracy"), "Top-1 accuracy with Wilson 95 % intervals, grouped by the cue left.");
  for (std::size_t model = 0; model < page.run().models.size(); ++model) {
    const std::string scores = score_table(page, static_cast<int>(model));
    body += page.summary.pairs.empty() ? scores : details("All scores of " + page.run().models[model].name, scores);
  }
  return section("accuracy", "Accuracy under every variant", body);
}

std::string sweep_section(const Page& page) {
  std::string body;
  for (int number = 1; page.figures.contains(fmt::format("sweep-{}", number)); ++number)
    body += figure(page.drawing(fmt::format("sweep-{}", number)),
                   "Accuracy against strength, Wilson 95 % intervals; broken lines: accuracy on clean images.");
  if (!body.empty()) body = "<div class=\"plots\">" + body + "</div>\n";
  return section("strength", "Accuracy against strength", body);
}

}  // namespace cuebench::html
