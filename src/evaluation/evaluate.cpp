#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>
#include <spdlog/spdlog.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/evaluation/evaluation.hpp>

#include "attacked_batch.hpp"
#include "placed_run.hpp"
#include "preparation.hpp"
#include "streaming_run.hpp"

namespace cuebench {
namespace {

/// The request with every default filled in, for the manifest.
std::string resolved_configuration(const EvaluationRequest& request, const Preparation& run) {
  nlohmann::ordered_json models = nlohmann::ordered_json::array(), variants = nlohmann::ordered_json::array();
  for (const auto& text : request.models) models.push_back(text);
  for (const auto& variant : run.variants) variants.push_back(variant.text);
  nlohmann::ordered_json text = {
      {"data", request.data},
      {"masks", request.masks.string()},
      {"styles", request.styles.string()},
      {"model", models},
      {"variant", variants},
      {"pair", request.pairs},
      {"channels", request.channels},
      {"partition", request.partition},
      {"relevance-threshold", request.relevance_threshold},
      {"preset", request.preset},
      {"seed", request.seed},
      {"threads", run.threads},
      {"memory", request.memory_mib},
      {"batch", run.batch},
      {"block", request.block},
      {"limit", request.limit},
      {"shard", fmt::format("{}/{}", request.shard, request.shards)},
      {"pictures", request.pictures},
      {"on-bad-image", request.fail_on_bad_image ? "fail" : "record"},
      {"exif-orientation", request.apply_exif_orientation},
  };
  if (run.aggregation != Aggregation::mean) text["aggregation"] = request.aggregation;
  if (!request.class_mappings.empty()) text["class-mapping"] = request.class_mappings;
  if (run.relevance != RelevanceKind::true_class) text["relevance"] = request.relevance;
  if (!request.interventions.empty()) text["intervene"] = request.interventions;
  if (!run.placement.device.is_cpu()) text["device"] = run.placement.device.str();
  if (run.placement.precision != Precision::fp32) text["precision"] = request.precision;
  return text.dump(2);
}

/// Removes the files that a run writes, and nothing else.
void remove_run(const std::filesystem::path& folder) {
  RunStore::discard(folder);
  constexpr std::array<const char*, 8> kFiles = {"manifest.json", "results.json",      "metrics.csv",
                                                 "channels.csv",  "interventions.csv", "bad_images.csv",
                                                 "report.html",   "predictions.csv.gz"};
  std::error_code ignored;
  for (const char* file : kFiles) std::filesystem::remove(folder / file, ignored);
  if (std::filesystem::is_directory(folder / "figures", ignored))
    for (const auto& entry : std::filesystem::directory_iterator(folder / "figures", ignored))
      if (entry.path().extension() == ".svg") std::filesystem::remove(entry.path(), ignored);
}

void warn_about_blas(const LibtorchFacts& facts, const Preparation& run, std::vector<std::string>& notes) {
  bool eager = false;
  for (const auto& prepared : run.models) eager = eager || prepared.needs_gradients;
  if (facts.slow_blas && eager)
    notes.push_back(
        fmt::format("the BLAS in use ({}) is the slow reference one: install libopenblas0-pthread; channel "
                    "gradients of small batches are up to seven times slower without it",
                    facts.blas));
}

}  // namespace

EvaluationFacts evaluate(const EvaluationRequest& request, const ReportingOptions& reporting) {
  cv::setNumThreads(0);
  const Preparation run = prepare(request);
  require_writable_folder(request.out);
  if (request.overwrite) remove_run(request.out);
  RunStore store = RunStore::create_or_resume(request.out, run.description);

  EvaluationFacts facts;
  facts.notes = run.notes;
  const LibtorchFacts libtorch = measure_libtorch();
  warn_about_blas(libtorch, run, facts.notes);
  for (const auto& prepared : run.models)
    for (const auto& note : prepared.model.info().notes)
      facts.notes.push_back(fmt::format("model '{}': {}", prepared.model.info().name, note));
  for (const auto& note : facts.notes) spdlog::warn("{}", note);
  spdlog::info("{} images of {}, {} models, {} variants; {} threads, batches of {}", run.chosen.size(),
               run.dataset.source, run.models.size(), run.variants.size(), run.threads, run.batch);

  facts.precision = compare_precision(run);
  for (const auto& [model, agreement] : facts.precision) spdlog::info("model '{}': {}", model, agreement);

  const LayerReferences references = make_references(run, request, store, reporting);
  const StreamingTotals totals = stream_blocks(run, request, references, store, reporting);

  if (store.complete())
    for (const auto& warning : black_box_warnings(run, store)) {
      facts.notes.push_back(warning);
      spdlog::warn("{}", warning);
    }
  facts.configuration = resolved_configuration(request, run);
  facts.data_source = run.dataset.source;
  facts.data_digest = run.dataset.digest;
  facts.images = static_cast<std::int64_t>(run.chosen.size());
  facts.bad_images = static_cast<std::int64_t>(store.bad_images().size());
  facts.seconds = totals.seconds;
  facts.images_this_session = totals.images;
  facts.threads = run.threads;
  facts.batch = run.batch;
  facts.libtorch = libtorch.version;
  facts.blas = libtorch.blas;
  facts.device = run.device_name;
  facts.complete = store.complete();
  for (const auto& model : run.description.models) facts.model_hashes.emplace_back(model.name, model.sha256);
  return facts;
}

}  // namespace cuebench
