#include "finish_run.hpp"

#include <cstdio>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/core/files.hpp>
#include <cuebench/core/version.hpp>
#include <cuebench/report/report.hpp>

#include "host_facts.hpp"

namespace cuebench::cli {
namespace {

Manifest make_manifest(const EvaluationFacts& facts) {
  Manifest manifest;
  manifest.configuration = facts.configuration;
  manifest.command = command_line();
  manifest.versions = {{"cuebench", std::string(version())},
                       {"revision", std::string(revision())},
                       {"libtorch", facts.libtorch},
                       {"blas", facts.blas}};
  manifest.hashes = {{"data", facts.data_digest}};
  for (const auto& [name, digest] : facts.model_hashes) manifest.hashes["model " + name] = digest;
  manifest.host = host_facts();
  manifest.times = {{"finished", utc_now()},
                    {"seconds", fmt::format("{:.1f}", facts.seconds)},
                    {"images", std::to_string(facts.images_this_session)}};
  if (facts.seconds > 0)
    manifest.times["images_per_second"] =
        fmt::format("{:.1f}", static_cast<double>(facts.images_this_session) / facts.seconds);
  if (!facts.complete) manifest.invalid_reasons.push_back("blocks of other shards are missing");
  if (facts.images == facts.bad_images) manifest.invalid_reasons.push_back("no image could be read");
  return manifest;
}

}  // namespace

void finish_run(const std::filesystem::path& folder, const EvaluationFacts& facts, bool predictions) {
  ReportOptions options;
  options.manifest = make_manifest(facts);
  options.predictions = predictions;
  if (!facts.complete) {
    write_file_atomically(folder / "manifest.json", manifest_json(*options.manifest));
    spdlog::info("this shard is finished; `cuebench merge SHARD... --out RUN` joins the shards and writes the report");
    return;
  }
  const RunSummary summary = write_report(folder, options);
  fmt::print("{}\nreport: {}\n", headline_table(summary), (folder / "report.html").string());
}

}  // namespace cuebench::cli
