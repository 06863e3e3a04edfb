#include "run_tables.hpp"

#include <fmt/format.h>

#include <cuebench/report/writers.hpp>

#include "latex.hpp"
#include "text.hpp"
#include "variant_label.hpp"

namespace cuebench {
namespace {

using Row = std::vector<TextCell>;

TextCell number(const Measure& measure, int decimals, double scale = 1) {
  if (!measure.value) return {"n/a", measure.method};
  return {decimal(scale * *measure.value, decimals), measure.method};
}

TextCell interval(const Measure& measure, int decimals, double scale = 1) {
  if (!measure.low || !measure.high) return {"", measure.method};
  return {fmt::format("[{}, {}]", decimal(scale * *measure.low, decimals), decimal(scale * *measure.high, decimals)),
          measure.method};
}

void add(Row& row, const Measure& measure, int decimals, double scale = 1) {
  row.push_back(number(measure, decimals, scale));
  row.push_back(interval(measure, decimals, scale));
}

TextCell difference(const Measure& measure) {
  return {points(measure), measure.method};
}

TextCell p_cell(const Measure& p) {
  if (!p.value) return {"n/a", p.method};
  return {*p.value < 0.001 ? "<0.001" : decimal(*p.value, 3), p.method};
}

const std::string& model_name(const RunSummary& summary, int model) {
  return summary.description.models.at(static_cast<std::size_t>(model)).name;
}

}  // namespace

TextTable accuracy_table(const RunSummary& summary) {
  TextTable table{
      "accuracy",
      fmt::format("Top-1 accuracy over {} images, %, with Wilson's 95 % intervals.", summary.items.labelled),
      {"variant"},
      {},
      1};
  for (const StoredModel& model : summary.description.models)
    table.header.insert(table.header.end(), {model.name, "95 %"});
  const std::vector<std::string> labels = variant_labels(summary.description);
  for (std::size_t variant = 0; variant < labels.size(); ++variant) {
    Row& row = table.rows.emplace_back(Row{{labels[variant]}});
    for (std::size_t model = 0; model < summary.description.models.size(); ++model)
      add(row, summary.score(static_cast<int>(model), static_cast<int>(variant)).top1, 1, 100);
  }
  return table;
}

TextTable pair_table(const RunSummary& summary, const PairComparison& pair) {
  TextTable table{"comparison",
                  fmt::format("{} minus {}, percentage points of top-1 accuracy with paired bootstrap 95 % intervals; "
                              "exact McNemar test adjusted over the variants by Holm and by Benjamini and Hochberg; "
                              "difference beyond the one on clean images.",
                              model_name(summary, pair.robust), model_name(summary, pair.standard)),
                  {"variant", "difference", "95 %", "p (Holm)", "p (BH)", "beyond clean", "95 %"},
                  {},
                  1};
  const std::vector<std::string> labels = variant_labels(summary.description);
  for (const VariantComparison& now : pair.variants)
    table.rows.push_back({{labels.at(static_cast<std::size_t>(now.variant))},
                          difference(now.difference),
                          interval(now.difference, 1, 100),
                          p_cell(now.holm_p),
                          p_cell(now.benjamini_hochberg_p),
                          now.variant == 0 ? TextCell{} : difference(now.relative_to_clean),
                          interval(now.relative_to_clean, 1, 100)});
  return table;
}

TextTable shape_bias_table(const RunSummary& summary) {
  TextTable table{"shape-bias",
                  "Shape bias: shape decisions / (shape + texture decisions), %, with Wilson's 95 % intervals, and the "
                  "shares of all images.",
                  {"images", "model", "shape bias", "95 %", "mean over classes", "shape", "texture", "other", "n"},
                  {},
                  2};
  const std::vector<std::string> labels = variant_labels(summary.description);
  for (const ShapeBiasScores& bias : summary.shape_bias) {
    Row& row = table.rows.emplace_back(
        Row{{labels.at(static_cast<std::size_t>(bias.variant))}, {model_name(summary, bias.model)}});
    add(row, bias.bias, 1, 100);
    for (const Measure* share : {&bias.class_mean, &bias.shape_share, &bias.texture_share, &bias.other_share})
      row.push_back(number(*share, 1, 100));
    row.push_back({std::to_string(bias.counts.n())});
  }
  return table;
}

TextTable channel_table(const RunSummary& summary) {
  TextTable table{"channels",
                  "Activation in channels of positive (PR) and negative (NR) relevance under each variant, and cosine "
                  "between clean and variant activation, mean over images; bootstrap 95 % intervals.",
                  {"model", "layer", "variant", "PR ratio", "NR ratio", "NR share", "95 %", "alignment", "95 %"},
                  {},
                  3};
  const std::vector<std::string> labels = variant_labels(summary.description);
  for (const ChannelSummary& channel : summary.channels) {
    const StoredLayer& layer = summary.description.layers.at(static_cast<std::size_t>(channel.layer));
    const ChannelGroup& all = channel.groups.front();
    Row& row = table.rows.emplace_back(Row{{model_name(summary, layer.model)},
                                           {layer.name},
                                           {labels.at(static_cast<std::size_t>(channel.variant))},
                                           number(all.measure("pr_ratio"), 2),
                                           number(all.measure("nr_ratio"), 2)});
    add(row, all.measure("nr_share"), 3);
    add(row, all.measure("align_cosine_image_mean"), 3);
  }
  return table;
}

TextTable corruption_table(const RunSummary& summary, const CorruptionSummary& corruptions) {
  TextTable table{"corruptions",
                  fmt::format("Common corruptions of ImageNet-C, %: mean error over 15 corruptions and 5 severities, "
                              "mCE and relative mCE{}, with bootstrap 95 % intervals.",
                              corruptions.baseline.empty() ? "" : " against " + corruptions.baseline),
                  {"model", "error (15)", "95 %", "mCE (15)", "95 %", "rel. mCE (15)", "95 %"},
                  {},
                  1};
  const bool all = corruptions.corruptions.size() > 15;
  if (all) table.header.insert(table.header.end(), {"error (19)", "mCE (19)"});
  for (const CorruptionScoresOfModel& scores : corruptions.models) {
    Row& row = table.rows.emplace_back(Row{{model_name(summary, scores.model)}});
    for (const Measure* measure : {&scores.error, &scores.mce, &scores.relative_mce}) add(row, *measure, 1, 100);
    if (all) row.insert(row.end(), {number(scores.error_19, 1, 100), number(scores.mce_19, 1, 100)});
  }
  return table;
}

std::map<std::string, std::string> latex_tables(const RunSummary& summary) {
  std::map<std::string, std::string> files;
  const auto add_to = [&](const TextTable& table, std::string_view owner = "") {
    if (table.rows.empty()) return;
    std::string& text = files[table.name];
    text += (text.empty() ? latex_head() : "") + latex_table(table, owner);
  };
  add_to(accuracy_table(summary));
  for (const PairComparison& pair : summary.pairs)
    add_to(pair_table(summary, pair),
           fmt::format("{}-{}", model_name(summary, pair.robust), model_name(summary, pair.standard)));
  add_to(shape_bias_table(summary));
  add_to(channel_table(summary));
  for (const CorruptionSummary& corruptions : summary.corruptions)
    add_to(corruption_table(summary, corruptions), corruptions.setting);
  return files;
}

}  // namespace cuebench
