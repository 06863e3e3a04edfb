#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/leaderboard.hpp>

#include "csv_row.hpp"
#include "file_name.hpp"
#include "variant_label.hpp"

namespace cuebench {
namespace {

std::string percent_text(const Measure& measure) {
  return measure.value ? fmt::format("{:.3f}", 100 * *measure.value) : "";
}
std::string error_text(const Measure& measure) {
  return measure.value ? fmt::format("{:.3f}", 100 - 100 * *measure.value) : "";
}
std::string difference_text(const Measure& now, const Measure& clean) {
  return now.value && clean.value ? fmt::format("{:+.3f}", 100 * (*now.value - *clean.value)) : "";
}

/// Models from best to worst: by top-1, top-5, then name.
std::vector<int> ranking(const RunSummary& summary, int variant) {
  const auto& models = summary.description.models;
  std::vector<int> order(models.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    const VariantScores &first = summary.score(a, variant), &second = summary.score(b, variant);
    if (first.top1.value != second.top1.value) return first.top1.value > second.top1.value;
    if (first.top5.value != second.top5.value) return first.top5.value > second.top5.value;
    return models[static_cast<std::size_t>(a)].name < models[static_cast<std::size_t>(b)].name;
  });
  return order;
}

/// "+2": two places better than on clean.
std::string rank_difference(const std::vector<int>& clean, int model, std::ptrdiff_t rank) {
  const std::ptrdiff_t gained = std::find(clean.begin(), clean.end(), model) - clean.begin() - rank;
  return gained == 0 ? "0" : fmt::format("{:+}", gained);
}

std::string leaderboard(const RunSummary& summary, int variant, const std::vector<InputGeometry>& of_models) {
  std::string text = "model,top1,top1_err,top5,top5_err,param_count,img_size,crop_pct,interpolation";
  text += variant == 0 ? "\n" : ",top1_diff,top5_diff,rank_diff\n";
  const std::vector<int> clean_order = ranking(summary, 0), order = ranking(summary, variant);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const int model = order[rank];
    const StoredModel& stored = summary.description.models[static_cast<std::size_t>(model)];
    const VariantScores &now = summary.score(model, variant), &clean = summary.score(model, 0);
    const InputGeometry geometry = static_cast<std::size_t>(model) < of_models.size()
                                       ? of_models[static_cast<std::size_t>(model)]
                                       : InputGeometry{};
    std::string row = csv_row(
        {stored.name, percent_text(now.top1), error_text(now.top1), percent_text(now.top5), error_text(now.top5),
         stored.parameters > 0 ? fmt::format("{:.2f}", static_cast<double>(stored.parameters) / 1e6) : "",
         geometry.size ? std::to_string(*geometry.size) : "",
         geometry.crop_share ? fmt::format("{:.3f}", *geometry.crop_share) : "", geometry.interpolation});
    if (variant != 0) {
      row.back() = ',';
      row += csv_row({difference_text(now.top1, clean.top1), difference_text(now.top5, clean.top5),
                      rank_difference(clean_order, model, static_cast<std::ptrdiff_t>(rank))});
    }
    text += row;
  }
  return text;
}

}  // namespace

std::map<std::string, std::string> leaderboards(const RunSummary& summary,
                                                const std::vector<InputGeometry>& of_models) {
  if (summary.items.labelled == 0)
    throw UsageError("--leaderboard needs accuracies, and no scored image of the run has a label");
  const std::vector<std::string> labels = variant_labels(summary.description);
  std::map<std::string, std::string> files;
  for (std::size_t variant = 0; variant < labels.size(); ++variant) {
    std::string key = variant == 0 ? "" : file_name_part(labels[variant]);
    if (files.contains(key)) key += fmt::format("-{}", variant);
    files[key] = leaderboard(summary, static_cast<int>(variant), of_models);
  }
  return files;
}

void write_leaderboards(const RunSummary& summary, const std::vector<InputGeometry>& of_models,
                        const std::filesystem::path& file) {
  const auto files = leaderboards(summary, of_models);
  require_writable_folder(folder_of(file));
  std::filesystem::path stem = file;
  if (stem.extension() == ".csv") stem.replace_extension();
  for (const auto& [key, text] : files)
    write_file_atomically(key.empty() ? file : std::filesystem::path(fmt::format("{}-{}.csv", stem.string(), key)),
                          text);
}

}  // namespace cuebench
