#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>
#include <cuebench/report/writers.hpp>

#include "export_trials.hpp"
#include "figures/draw_figures.hpp"

namespace cuebench {
namespace {

/// "pairs" of the stored configuration: ["A:B", ...]. A model's name may hold a colon, so names decide where it splits.
std::vector<std::pair<std::string, std::string>> stored_pairs(const RunDescription& run) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto configuration = nlohmann::json::parse(run.configuration, nullptr, false);
  if (!configuration.is_object() || !configuration.contains("pairs")) return pairs;
  for (const auto& entry : configuration["pairs"]) {
    if (!entry.is_string()) continue;
    const std::string text = entry.get<std::string>();
    for (const StoredModel& robust : run.models)
      for (const StoredModel& standard : run.models)
        if (text == robust.name + ":" + standard.name) pairs.emplace_back(robust.name, standard.name);
  }
  return pairs;
}

std::optional<Manifest> manifest_of(const std::filesystem::path& folder, const ReportOptions& options) {
  const std::filesystem::path path = folder / "manifest.json";
  if (options.manifest) {
    write_file_atomically(path, manifest_json(*options.manifest));
    return options.manifest;
  }
  if (!std::filesystem::exists(path)) return std::nullopt;
  return parse_manifest(read_text_file(path), path.string());
}

}  // namespace

RunSummary write_report(const std::filesystem::path& folder, const ReportOptions& options) {
  const RunStore store = RunStore::open(folder);
  SummaryOptions summary_options = options.summary;
  if (summary_options.pairs.empty()) summary_options.pairs = stored_pairs(store.description());
  const RunSummary summary = summarise(store, summary_options);
  if (!options.trials.empty()) export_trials(store, options.trials, options.trials_set);

  write_file_atomically(folder / "results.json", results_json(summary));
  write_file_atomically(folder / "metrics.csv", metrics_csv(summary));
  write_file_atomically(folder / "bad_images.csv", bad_images_csv(summary));
  if (!store.description().layers.empty())
    write_channels_csv(store, folder / "channels.csv", options.maximum_channel_rows);
  if (!summary.interventions.empty()) write_file_atomically(folder / "interventions.csv", interventions_csv(summary));
  if (!options.latex.empty()) {
    require_writable_folder(options.latex);
    for (const auto& [name, text] : latex_tables(summary)) write_file_atomically(options.latex / (name + ".tex"), text);
  }
  if (options.predictions) write_predictions_csv_gz(store, folder / "predictions.csv.gz");

  const std::optional<Manifest> manifest = manifest_of(folder, options);
  const Drawings drawings =
      options.figures ? draw_figures(all_figures(summary), folder / "figures", options.gnuplot) : Drawings{};
  const std::filesystem::path page = options.html.empty() ? folder / "report.html" : options.html;
  write_file_atomically(page, report_html(summary, manifest, drawings.svgs, drawings.gnuplot_missing));
  return summary;
}

}  // namespace cuebench
