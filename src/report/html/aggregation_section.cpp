#include <algorithm>

#include <fmt/format.h>

#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

using Rows = std::vector<const AggregationScores*>;

/// Those of one model and variant, in the order in which they were stored.
Rows rows_of(const Page& page, int model, int variant) {
  Rows rows;
  for (const AggregationScores& scores : page.summary.aggregations)
    if (scores.model == model && scores.variant == variant) rows.push_back(&scores);
  return rows;
}

std::string head(const Rows& rows) {
  std::string text = "<tr><th scope=\"col\">Model</th>";
  const auto add = [&](const char* what) {
    for (const AggregationScores* scores : rows)
      text += fmt::format("<th scope=\"col\" class=\"num\">{}, {}{}</th>", what, scores->aggregation,
                          scores->used ? " (used)" : "");
  };
  if (rows.front()->conflicts) add("Shape bias");
  add("Top-1");
  return text + "</tr>";
}

std::string variant_table(const Page& page, int variant) {
  std::string body, columns;
  for (int model = 0; model < static_cast<int>(page.run().models.size()); ++model) {
    const Rows rows = rows_of(page, model, variant);
    if (rows.empty()) continue;
    if (columns.empty()) columns = head(rows);
    body += fmt::format("<tr><th scope=\"row\">{}</th>", page.model(model));
    if (rows.front()->conflicts)
      for (const AggregationScores* scores : rows) body += percent_cell(scores->bias);
    for (const AggregationScores* scores : rows) body += percent_cell(scores->top1);
    body += "</tr>\n";
  }
  if (body.empty()) return "";
  return table(
      fmt::format("{}: the same outputs, read in four ways. mean, sum and max of the softmax probabilities of a "
                  "category's outputs, the softmax over all outputs; logsumexp of their logits.",
                  variant == 0 ? "Images as they are" : page.labels[static_cast<std::size_t>(variant)]),
      columns, "<tbody>" + body + "</tbody>\n", "pin");
}

}  // namespace

std::string aggregation_section(const Page& page) {
  if (page.summary.aggregations.empty()) return "";
  std::string body = variant_table(page, 0), more;
  for (std::size_t variant = 1; variant < page.run().variants.size(); ++variant)
    more += variant_table(page, static_cast<int>(variant));
  if (!more.empty()) body += details("The same under the other variants", more);
  return section("aggregation", "Many outputs, one category", body);
}

}  // namespace cuebench::html
