#include "score_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/score_report.hpp>
#include <cuebench/scoring/scores.hpp>

namespace cuebench::cli {
namespace {

constexpr std::size_t kShownFindings = 20;

struct ScoreRequest {
  std::vector<std::string> paths;
  std::string out;
  scoring::ScoreOptions options;
  bool json = false, latex = false, confusions = false;
  double target_half_width = 0;
};

void warn(const std::vector<scoring::Finding>& findings) {
  for (std::size_t i = 0; i < findings.size() && i < kShownFindings; ++i) spdlog::warn("{}", findings[i].sentence());
  if (findings.size() > kShownFindings)
    spdlog::warn("{} more remarks on the files: all are in score.json and score.html (--out DIR)",
                 findings.size() - kShownFindings);
}

void run_score(const ScoreRequest& request) {
  if (request.latex && request.out.empty()) throw UsageError("--latex writes score.tex: say where with --out DIR");
  if (!request.out.empty()) require_writable_folder(request.out);
  const std::vector<std::filesystem::path> paths(request.paths.begin(), request.paths.end());
  const scoring::Scores scores = scoring::score(scoring::read_inputs(paths), request.options);
  warn(scores.findings);
  if (!request.out.empty()) write_score_files(scores, request.out, {.latex = request.latex});
  ScoreTextOptions text;
  text.confusions = request.confusions;
  if (request.target_half_width > 0) text.target_half_width = request.target_half_width;
  fmt::print("{}", request.json ? score_json(scores) : score_text(scores, text));
  if (!request.out.empty() && !request.json) fmt::print("\nreport: {}/score.html\n", request.out);
}

}  // namespace

std::function<void()> declare_score(CLI::App& app, const CommonOptions&) {
  auto request = std::make_shared<ScoreRequest>();
  app.add_option("files", request->paths,
                 "Per-trial CSV files (also .gz), folders or tar archives of them; RobustBench's corruption tables and "
                 "model_info")
      ->type_name("CSV|FOLDER...")
      ->required();
  app.add_option("--out", request->out, "Also write score.json, score.csv, confusion.csv, figures and score.html")
      ->type_name("DIR");
  app.add_option("--humans", request->options.humans, "Shell pattern of the names of human observers")
      ->type_name("PATTERN")
      ->capture_default_str();
  app.add_flag("--json", request->json, "Print score.json instead of tables");
  app.add_flag("--latex", request->latex, "Also write score.tex (booktabs) into --out");
  app.add_flag("--confusions", request->confusions, "Print every 16-class confusion matrix");
  app.add_option("--target-ci", request->target_half_width,
                 "Also say how many trials an interval of plus or minus H needs (0.02 is 2 points)")
      ->type_name("H")
      ->check(CLI::Range(0.0001, 0.49));
  app.add_option("--seed", request->options.seed, "Of the bootstrap")->capture_default_str();
  app.add_option("--replicates", request->options.replicates, "Of the bootstrap; 0 leaves its intervals out")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  return [request] { run_score(*request); };
}

}  // namespace cuebench::cli
