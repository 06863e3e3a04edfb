#include "evaluate_command.hpp"

#include <memory>
#include <tuple>

#include <cuebench/evaluation/evaluation.hpp>
#include <cuebench/scoring/trial_writer.hpp>

#include "finish_run.hpp"
#include "trial_options.hpp"
#include "variant_options.hpp"

namespace cuebench::cli {
namespace {

struct EvaluateOptions {
  EvaluationRequest request;
  std::string shard, on_bad_image = "record";
  ExtraFiles extra;
  std::string trials;
  bool resume = true;
};

void declare_input(CLI::App& app, EvaluateOptions& options) {
  auto& request = options.request;
  app.add_option("--data", request.data,
                 "Images: KIND:PATH, or a path whose kind is recognised (`cuebench list datasets`)")
      ->type_name("SRC");
  app.add_option("--model", request.models, "NAME=FILE[,role=standard|robust][,arch=A][,preset=P]; once for each model")
      ->type_name("NAME=FILE")
      ->expected(1, -1);
  app.add_option("--pair", options.request.pairs, "ROBUST:STANDARD, instead of the pairs that the roles give")
      ->type_name("A:B")
      ->expected(1, -1);
  declare_variant_options(app, request,
                          "NAME[:key=value,...][+NAME...] (`cuebench list variants`, `cuebench list attacks`)");
  app.add_option("--preset", request.preset, "Geometry for models that name none (`cuebench list presets`)")
      ->type_name("P");
}

void declare_classes(CLI::App& app, EvaluateOptions& options) {
  app.add_option(
         "--class-mapping", options.request.class_mappings,
         "Which outputs belong to which class of the data: FILE.json {\"class\": [index or name, ...]}, imagenet16 "
         "or cifar10; MODEL=FILE.json for one model")
      ->type_name("FILE")
      ->expected(1, -1);
  app.add_option("--aggregation", options.request.aggregation,
                 "Value of a class with several outputs: mean, sum or max of their probabilities, logsumexp of their "
                 "logits; the report has all four")
      ->capture_default_str();
}

void declare_channels(CLI::App& app, EvaluateOptions& options) {
  auto& request = options.request;
  app.add_option("--channels", request.channels,
                 "Layers whose PR/NR channels are measured: LAYER for every model, or MODEL:LAYER")
      ->type_name("LAYER")
      ->expected(1, -1)
      ->group("Channels");
  app.add_option("--intervene", request.interventions,
                 "Multiply channels of LAYER at test time and score again: [MODEL:]LAYER[:action=A/A,k=N/N,...]; LAYER "
                 "alone: all actions (docs/channels.md)")
      ->type_name("LAYER")
      ->expected(1, -1)
      ->group("Channels");
  app.add_option("--partition", request.partition, "class_clean, per_image_clean or per_image_self")
      ->capture_default_str()
      ->group("Channels");
  app.add_option("--relevance", request.relevance,
                 "Relevance of a channel: derivative of the label's logit (true_class), or of the two largest (top2)")
      ->capture_default_str()
      ->group("Channels");
  app.add_option("--relevance-threshold", request.relevance_threshold,
                 "Share of the largest |relevance| below which a channel is neutral")
      ->capture_default_str()
      ->group("Channels");
}

void declare_run(CLI::App& app, EvaluateOptions& options) {
  auto& request = options.request;
  app.add_option("--out", request.out, "Run folder; an existing one of the same configuration is continued")
      ->type_name("RUN");
  app.add_flag("--overwrite", request.overwrite, "Start the run folder afresh");
  app.add_flag("--resume", options.resume, "Continue a run folder (the default)")->excludes("--overwrite");
  app.add_option("--on-bad-image", options.on_bad_image, "record: a row in bad_images.csv; fail: stop")
      ->check(CLI::IsMember({"record", "fail"}))
      ->capture_default_str();
  app.add_option("--limit", request.limit, "Only N images, spread evenly over the data set")->type_name("N");
  app.add_option("--shard", options.shard, "Every n-th block, beginning with block i (0-based); `merge` joins shards")
      ->type_name("i/n");
  app.add_flag("--predictions", options.extra.predictions, "Also write predictions.csv.gz");
  declare_trial_options(app, options.trials, options.extra.trials_set);
  app.add_option("--seed", request.seed, "Seed of everything random")->capture_default_str()->group("Common");
  app.add_option("--threads", request.threads, "Worker threads (default: all cores)")->type_name("N")->group("Common");
  app.add_option("--device", request.device, "Where models run: cpu, cuda (the first GPU) or cuda:N")
      ->type_name("D")
      ->capture_default_str()
      ->group("Common");
  app.add_option(
         "--precision", request.precision,
         "Of the passes that score images: fp32, bf16 (GPU, or a CPU with AVX-512), fp16 or tf32 (GPU); attacks "
         "and relevance stay in fp32")
      ->type_name("P")
      ->capture_default_str()
      ->group("Common");
  app.add_option("--memory", request.memory_mib, "Bound on what streams through, in MiB")
      ->type_name("MiB")
      ->group("Common");
  app.add_option("--batch", request.batch, "Images a forward pass (default: by image size)")
      ->type_name("N")
      ->group("Common");
  app.add_option("--block", request.block, "Images a transaction; decides results to the last bit")
      ->capture_default_str()
      ->group("Common");
  app.add_option("--pictures", request.pictures, "Images shown in the report")->capture_default_str()->group("Common");
  app.add_flag("--serial", request.serial, "One thread without the pipeline, for comparison")->group("");
}

void run_evaluate(EvaluateOptions& options, const CommonOptions& common) {
  std::tie(options.request.shard, options.request.shards) = parse_shard(options.shard);
  options.request.fail_on_bad_image = options.on_bad_image == "fail";
  options.extra.trials = options.trials;
  options.request.exports_trials = !options.trials.empty();
  if (!options.extra.trials_set.empty()) scoring::require_trial_set(options.extra.trials_set);
  const EvaluationFacts facts = evaluate(options.request, common.reporting);
  finish_run(options.request.out, facts, options.extra);
}

}  // namespace

std::function<void()> declare_evaluate(CLI::App& app, const CommonOptions& common) {
  auto options = std::make_shared<EvaluateOptions>();
  declare_input(app, *options);
  declare_classes(app, *options);
  declare_channels(app, *options);
  declare_run(app, *options);
  return [options, &common] { run_evaluate(*options, common); };
}

}  // namespace cuebench::cli
