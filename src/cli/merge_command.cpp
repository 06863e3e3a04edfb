#include "merge_command.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>

namespace cuebench::cli {
namespace {

struct MergeRequest {
  std::vector<std::string> shards;
  std::string out;
  bool predictions = false;
};

void run_merge(const MergeRequest& request) {
  if (request.out.empty()) throw UsageError("no run folder is given: add --out RUN");
  require_writable_folder(request.out);
  const RunStore first = RunStore::open(request.shards.front());
  {
    RunStore merged = RunStore::create_or_resume(request.out, first.description());
    for (const auto& shard : request.shards) merged.absorb(RunStore::open(shard));
    if (!merged.complete()) {
      const auto finished = merged.finished_blocks();
      throw UsageError(fmt::format("{} of {} blocks are still missing: name every shard's folder",
                                   std::count(finished.begin(), finished.end(), false), finished.size()));
    }
  }
  ReportOptions options;
  options.predictions = request.predictions;
  const auto manifest = std::filesystem::path(request.shards.front()) / "manifest.json";
  if (std::filesystem::exists(manifest)) {
    options.manifest = parse_manifest(read_text_file(manifest), manifest.string());
    options.manifest->invalid_reasons.clear();
    options.manifest->times["seconds"] = "of the first shard only: " + options.manifest->times["seconds"];
  }
  const RunSummary summary = write_report(request.out, options);
  fmt::print("{}\nreport: {}/report.html\n", headline_table(summary), request.out);
}

}  // namespace

std::function<void()> declare_merge(CLI::App& app, const CommonOptions&) {
  auto request = std::make_shared<MergeRequest>();
  app.add_option("shards", request->shards, "Run folders of the shards")->type_name("RUN...")->required();
  app.add_option("--out", request->out, "The whole run's folder")->type_name("RUN");
  app.add_flag("--predictions", request->predictions, "Also write predictions.csv.gz");
  return [request] { run_merge(*request); };
}

}  // namespace cuebench::cli
