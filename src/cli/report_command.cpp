#include "report_command.hpp"

#include <memory>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/report.hpp>

#include "trial_options.hpp"

namespace cuebench::cli {
namespace {

struct ReportRequest {
  std::string run, out, trials, trials_set;
  std::vector<std::string> pairs;
  bool predictions = false;
};

std::pair<std::string, std::string> split_pair(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) throw UsageError(fmt::format("--pair '{}' is not written ROBUST:STANDARD", text));
  return {text.substr(0, colon), text.substr(colon + 1)};
}

void run_report(const ReportRequest& request) {
  ReportOptions options;
  options.html = request.out;
  options.predictions = request.predictions;
  options.trials = request.trials;
  options.trials_set = request.trials_set;
  for (const auto& pair : request.pairs) options.summary.pairs.push_back(split_pair(pair));
  const RunSummary summary = write_report(request.run, options);
  const std::string page = request.out.empty() ? request.run + "/report.html" : request.out;
  fmt::print("{}\nreport: {}\n", headline_table(summary), page);
}

}  // namespace

std::function<void()> declare_report(CLI::App& app, const CommonOptions&) {
  auto request = std::make_shared<ReportRequest>();
  app.add_option("run", request->run, "Run folder")->type_name("RUN")->required();
  app.add_option("--out", request->out, "Where the page goes (default: RUN/report.html)")->type_name("FILE");
  app.add_option("--pair", request->pairs, "ROBUST:STANDARD, instead of the pairs that the roles give")
      ->type_name("A:B")
      ->expected(1, -1);
  app.add_flag("--predictions", request->predictions, "Also write predictions.csv.gz");
  declare_trial_options(app, request->trials, request->trials_set);
  return [request] { run_report(*request); };
}

}  // namespace cuebench::cli
