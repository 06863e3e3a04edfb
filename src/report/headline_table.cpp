#include <fmt/format.h>

#include <cuebench/report/report.hpp>

#include "aligned_columns.hpp"
#include "headline.hpp"
#include "text.hpp"
#include "variant_label.hpp"

namespace cuebench {
namespace {

using Row = std::vector<std::string>;

std::string interval(const Measure& measure) {
  if (!measure.low || !measure.high) return "";
  return fmt::format("[{}, {}]", decimal(100 * *measure.low, 1), decimal(100 * *measure.high, 1));
}

Row header(const RunSummary& summary) {
  Row row{"variant", "keeps"};
  for (const StoredModel& model : summary.description.models) row.insert(row.end(), {valid_utf8(model.name), "95 %"});
  if (summary.pairs.size() == 1) row.insert(row.end(), {"difference", "95 %", "p adj."});
  return row;
}

Row variant_row(const RunSummary& summary, int variant, const std::string& label) {
  Row row{valid_utf8(label), variant == 0 ? "" : summary.description.variants[variant].keeps};
  for (std::size_t model = 0; model < summary.description.models.size(); ++model) {
    const Measure& top1 = summary.score(static_cast<int>(model), variant).top1;
    row.insert(row.end(), {percent(top1), interval(top1)});
  }
  if (summary.pairs.size() != 1) return row;
  const VariantComparison& now = summary.pairs.front().variants.at(variant);
  const bool significant = now.holm_p.value && *now.holm_p.value < 0.05;
  std::string p = "n/a";
  if (now.holm_p.value) p = *now.holm_p.value < 0.001 ? "<0.001" : decimal(*now.holm_p.value, 3);
  row.insert(row.end(), {points(now.difference), interval(now.difference), p + (significant ? " *" : "  ")});
  return row;
}

}  // namespace

std::string headline_table(const RunSummary& summary) {
  std::string text;
  for (const PairComparison& pair : summary.pairs) text += valid_utf8(pair.sentence) + "\n";
  if (summary.pairs.empty())
    for (std::size_t model = 0; model < summary.description.models.size(); ++model)
      text += valid_utf8(describe_model(static_cast<int>(model), summary)) + "\n";
  if (!summary.complete)
    text += fmt::format("unfinished: {} of {} blocks\n", summary.items.finished_blocks, summary.items.blocks);
  text += fmt::format("top-1 accuracy over {} of {} images{}\n", summary.items.labelled, summary.items.total,
                      summary.items.bad ? fmt::format(", {} could not be read", summary.items.bad) : "");
  if (summary.left_out.images > 0)
    text += fmt::format("{} more images are left out: a model has no output for {}\n", summary.left_out.images,
                        valid_utf8(join_names(summary.left_out.classes)));
  text += "\n";
  const std::vector<std::string> labels = variant_labels(summary.description);
  std::vector<Row> rows{header(summary)};
  for (std::size_t variant = 0; variant < summary.description.variants.size(); ++variant)
    rows.push_back(variant_row(summary, static_cast<int>(variant), labels[variant]));
  text += align_columns(rows, 2);
  if (summary.pairs.size() == 1) text += "* p < 0.05, exact McNemar, Holm's adjustment over the variants\n";
  return text;
}

}  // namespace cuebench
