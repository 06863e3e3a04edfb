#include "report_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/report/comparison.hpp>
#include <cuebench/report/leaderboard.hpp>
#include <cuebench/report/report.hpp>

#include "trial_options.hpp"

namespace cuebench::cli {
namespace {

struct ReportRequest {
  std::vector<std::string> runs;
  std::string out, against, leaderboard, robustbench, latex, mce_baseline, trials, trials_set;
  std::vector<std::string> pairs;
  bool predictions = false;
};

std::pair<std::string, std::string> split_pair(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) throw UsageError(fmt::format("--pair '{}' is not written ROBUST:STANDARD", text));
  return {text.substr(0, colon), text.substr(colon + 1)};
}

/// What the stored presets say, as timm names it.
std::vector<InputGeometry> geometries_of(const RunDescription& run) {
  std::vector<InputGeometry> geometries(run.models.size());
  const auto configuration = nlohmann::json::parse(run.configuration, nullptr, false);
  if (!configuration.is_object() || !configuration.contains("presets") || !configuration["presets"].is_array())
    return geometries;
  const auto& presets = configuration["presets"];
  for (std::size_t model = 0; model < geometries.size() && model < presets.size(); ++model) {
    if (!presets[model].is_string()) continue;
    const Preset preset = parse_preset(presets[model].get<std::string>());
    InputGeometry& geometry = geometries[model];
    const int size = preset.crop > 0 ? preset.crop : preset.resize_exact;
    const int before = preset.resize_exact > 0 ? preset.resize_exact : preset.resize_short;
    if (size > 0) geometry.size = size;
    if (size > 0 && before > 0) geometry.crop_share = static_cast<double>(size) / before;
    if (before > 0) geometry.interpolation = std::string(to_string(preset.resampling));
  }
  return geometries;
}

/// Options that belong to the report of one run.
void refuse_single_run_options(const ReportRequest& request, std::string_view why) {
  const std::pair<const char*, bool> options[] = {{"--pair", !request.pairs.empty()},
                                                  {"--predictions", request.predictions},
                                                  {"--leaderboard", !request.leaderboard.empty()},
                                                  {"--robustbench", !request.robustbench.empty()},
                                                  {"--latex", !request.latex.empty()},
                                                  {"--mce-baseline", !request.mce_baseline.empty()}};
  for (const auto& [name, given] : options)
    if (given) throw UsageError(fmt::format("{} is an option for the report of one run, not for {}", name, why));
}

void finish_comparison(const RunComparison& comparison, const std::filesystem::path& page) {
  for (const scoring::Finding& finding : comparison.findings) spdlog::warn("{}", finding.sentence());
  write_comparison(comparison, page);
  fmt::print("{}\nreport: {}\n", comparison_text(comparison), page.string());
}

void run_comparison(const ReportRequest& request) {
  if (!request.against.empty()) throw UsageError("--against compares one run with published trials: name one run");
  refuse_single_run_options(request, "a comparison of several");
  if (request.out.empty())
    throw UsageError("several runs are compared on a page of their own: say where with --out FILE.html");
  finish_comparison(compare_runs({request.runs.begin(), request.runs.end()}), request.out);
}

void run_against(const ReportRequest& request) {
  refuse_single_run_options(request, "a comparison with trials");
  const std::string& run = request.runs.front();
  finish_comparison(compare_with_trials(run, request.against),
                    request.out.empty() ? run + "/against.html" : request.out);
}

void run_report(const ReportRequest& request) {
  if (request.runs.size() > 1) return run_comparison(request);
  if (!request.against.empty()) return run_against(request);
  const std::string& run = request.runs.front();
  ReportOptions options;
  options.html = request.out;
  options.latex = request.latex;
  options.predictions = request.predictions;
  options.trials = request.trials;
  options.trials_set = request.trials_set;
  options.summary.mce_baseline = request.mce_baseline;
  for (const auto& pair : request.pairs) options.summary.pairs.push_back(split_pair(pair));
  const RunSummary summary = write_report(run, options);
  if (!request.leaderboard.empty())
    write_leaderboards(summary, geometries_of(summary.description), request.leaderboard);
  if (!request.robustbench.empty()) write_robustbench_cards(summary, request.robustbench);
  const std::string page = request.out.empty() ? run + "/report.html" : request.out;
  fmt::print("{}\nreport: {}\n", headline_table(summary), page);
}

}  // namespace

std::function<void()> declare_report(CLI::App& app, const CommonOptions&) {
  auto request = std::make_shared<ReportRequest>();
  app.add_option("runs", request->runs, "Run folder; several are compared on one page")
      ->type_name("RUN...")
      ->required();
  app.add_option("--out", request->out,
                 "Where the page goes (default: RUN/report.html); of several runs with FILE.json, FILE.csv and "
                 "FILE-images.csv beside it")
      ->type_name("FILE");
  app.add_option("--against", request->against,
                 "Compare the run image by image with published per-trial answers (model-vs-human's CSV, as `cuebench "
                 "score` reads them)")
      ->type_name("CSV|FOLDER");
  app.add_option("--pair", request->pairs, "ROBUST:STANDARD, instead of the pairs that the roles give")
      ->type_name("A:B")
      ->expected(1, -1);
  app.add_flag("--predictions", request->predictions, "Also write predictions.csv.gz");
  declare_trial_options(app, request->trials, request->trials_set);
  app.add_option("--mce-baseline", request->mce_baseline,
                 "Model of the run that mCE is divided by (default: AlexNet's customary errors, for ImageNet's images)")
      ->type_name("MODEL");
  app.add_option("--latex", request->latex, "Also write the tables as DIR/*.tex (booktabs)")->type_name("DIR");
  app.add_option("--leaderboard", request->leaderboard,
                 "Also write timm's results table, and FILE-VARIANT.csv for each variant")
      ->type_name("FILE.csv");
  app.add_option("--robustbench", request->robustbench,
                 "Also write RobustBench's model_info of each model (runs with autoattack or all of imagenet_c)")
      ->type_name("DIR");
  return [request] { run_report(*request); };
}

}  // namespace cuebench::cli
