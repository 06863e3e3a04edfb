#include "finish_run.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>

#include "variant_options.hpp"

namespace cuebench::cli {
namespace {

Manifest make_manifest(const EvaluationFacts& facts) {
  Manifest manifest = session_manifest(facts.configuration, facts.data_digest, facts.seconds, facts.images_this_session,
                                       facts.complete);
  manifest.versions["libtorch"] = facts.libtorch;
  manifest.versions["blas"] = facts.blas;
  for (const auto& [name, digest] : facts.model_hashes) manifest.hashes["model " + name] = digest;
  if (!facts.device.empty()) manifest.host["device"] = facts.device;
  for (const auto& [model, agreement] : facts.precision) manifest.precision[model] = agreement;
  if (facts.images == facts.bad_images) manifest.invalid_reasons.push_back("no image could be read");
  return manifest;
}

}  // namespace

void finish_run(const std::filesystem::path& folder, const EvaluationFacts& facts, const ExtraFiles& extra) {
  ReportOptions options;
  options.manifest = make_manifest(facts);
  options.predictions = extra.predictions;
  options.trials = extra.trials;
  options.trials_set = extra.trials_set;
  if (!facts.complete) {
    write_file_atomically(folder / "manifest.json", manifest_json(*options.manifest));
    spdlog::info("this shard is finished; `cuebench merge SHARD... --out RUN` joins the shards and writes the report");
    if (!extra.trials.empty())
      spdlog::info("per-trial files are of whole runs: write them with `cuebench report RUN --export-trials {}`",
                   extra.trials.string());
    return;
  }
  const RunSummary summary = write_report(folder, options);
  fmt::print("{}\nreport: {}\n", headline_table(summary), (folder / "report.html").string());
}

}  // namespace cuebench::cli
