#include "train_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/training_curve.hpp>
#include <cuebench/training/method.hpp>
#include <cuebench/training/training.hpp>

namespace cuebench::cli {
namespace {

/// A flag of a method, kept as typed: the method's own schema checks it.
struct MethodFlag {
  const char* flag;
  const char* name;
  const char* doc;
  std::string typed = {};
};

struct TrainOptions {
  TrainingRequest request;
  std::vector<MethodFlag> method_flags = {
      {"--epsilon", "epsilon", "Radius of the adversary, such as 8/255"},
      {"--norm", "norm", "linf or l2"},
      {"--steps", "steps", "Gradient steps of the adversary"},
      {"--alpha", "alpha", "Length of a step"},
      {"--beta", "beta", "trades: weight of the divergence"},
      {"--replays", "replays", "free: uses of each minibatch"},
      {"--start", "start", "pgd: random or image"},
      {"--statistics", "statistics", "Batch normalisation while the adversary works: running or batch"},
  };
};

std::string method_list() {
  std::string text = "How to train, with its parameters as NAME:key=value,... or as flags:";
  for (const TrainingMethodInfo* const info : registered_training_methods())
    text += fmt::format("\n{}: {}", info->name, info->summary);
  return text;
}

void declare_data(CLI::App& app, TrainingRequest& request) {
  app.add_option("--data", request.data,
                 "Training images: KIND:PATH, or a path whose kind is recognised (`cuebench list datasets`)")
      ->type_name("SRC");
  app.add_option("--validation", request.validation, "Validation images; without it a share of --data is held out")
      ->type_name("SRC");
  app.add_option("--holdout", request.holdout, "That share of every class; 0: no validation")->capture_default_str();
  app.add_option("--preset", request.preset, "Geometry (`cuebench list presets`); images must end in one size")
      ->type_name("P");
  app.add_option("--limit", request.limit, "Only N images, spread evenly over the data set")->type_name("N");
  app.add_flag("--flip", request.flip, "Mirror half of the images");
  app.add_option("--crop-padding", request.crop_padding, "Crop at random from the image with N black pixels around")
      ->type_name("N");
}

void declare_method(CLI::App& app, TrainOptions& options) {
  auto& request = options.request;
  app.add_option("--arch", request.architecture, "NAME[:key=value,...] (`cuebench list architectures`)")
      ->type_name("A");
  app.add_option_function<std::string>(
         "--cifs", [&request](const std::string& typed) { request.channel_selection = typed; },
         "Weigh channels by importance behind these layers: after=LAYER/LAYER,key=value,... (docs/channels.md); alone: "
         "behind the last two residual blocks")
      ->expected(0, 1)
      ->type_name("MODULES")
      ->group("Method");
  app.add_option("--cifs-beta", request.probe_weight, "Weight of the CIFS probes' loss")
      ->capture_default_str()
      ->group("Method");
  app.add_option("--from", request.from, "Checkpoint to start from instead of random weights")->type_name("FILE");
  app.add_option("--method", request.method, method_list())->type_name("M")->capture_default_str()->group("Method");
  for (MethodFlag& flag : options.method_flags) app.add_option(flag.flag, flag.typed, flag.doc)->group("Method");
}

void declare_optimiser(CLI::App& app, TrainingRequest& request) {
  const auto add = [&](const char* flag, auto& value, const char* doc) {
    return app.add_option(flag, value, doc)->capture_default_str()->group("Optimiser");
  };
  add("--epochs", request.epochs, "Passes over the training images");
  add("--batch", request.batch, "Images a step");
  add("--lr", request.learning_rate, "Learning rate (its maximum)");
  add("--momentum", request.momentum, "Of SGD");
  app.add_flag("--nesterov", request.nesterov, "Nesterov's momentum")->group("Optimiser");
  add("--weight-decay", request.weight_decay, "On all parameters, as PyTorch does");
  app.add_flag("--decay-weights-only", request.decay_weights_only, "No decay of biases and batch normalisation")
      ->group("Optimiser");
  add("--schedule", request.schedule, "constant, cosine, step or triangular; changes at every step");
  app.add_option("--milestones", request.milestones, "step: epochs at which the rate falls (default: half, 3/4)")
      ->delimiter(',')
      ->group("Optimiser");
  add("--gamma", request.gamma, "step: factor at each milestone");
  add("--warmup", request.warmup, "Epochs of linear rise before the schedule");
  add("--label-smoothing", request.label_smoothing, "Share of the target that all classes get");
  add("--ema", request.average_decay, "Decay of the weights' moving average, which is then the model; 0: none");
}

void declare_run(CLI::App& app, TrainingRequest& request) {
  app.add_option("--out", request.out, "Folder of the model; the same command continues in it")->type_name("DIR");
  app.add_flag("--overwrite", request.overwrite, "Start the folder afresh");
  app.add_flag("--keep-best", request.keep_best, "Also write model-best.safetensors, the best by validation");
  const auto add = [&](const char* flag, auto& value, const char* doc) {
    return app.add_option(flag, value, doc)->group("Common");
  };
  add("--robust-images", request.robust_images, "Validation images attacked after each epoch; 0: none")
      ->capture_default_str();
  add("--checkpoint-seconds", request.checkpoint_seconds, "A state is saved after each epoch and this often within one")
      ->capture_default_str();
  add("--seed", request.seed, "Seed of everything random")->capture_default_str();
  add("--threads", request.threads, "LibTorch threads (default: all cores); part of the recipe")->type_name("N");
  add("--memory", request.memory_mib, "Bound on the images in memory, in MiB (default: half)")->type_name("MiB");
  add("--device", request.device, "auto (the first GPU where there is one), cpu, cuda or cuda:N")
      ->capture_default_str();
  app.add_flag("--autocast", request.autocast, "bfloat16 where it is safe (CUDA)")->group("Common");
}

void print_outcome(const TrainingOutcome& outcome) {
  const TrainingLogRow& last = outcome.log[outcome.log.size() - (outcome.stopped.empty() ? 1 : 2)];
  fmt::print("model: {}\n", outcome.model.string());
  fmt::print("epochs {}, training loss {:.4f}, training accuracy {:.2f} %", last.epoch, last.train_loss,
             100 * last.train_accuracy);
  if (last.validation_accuracy) fmt::print(", validation accuracy {:.2f} %", 100 * *last.validation_accuracy);
  if (last.validation_robust_accuracy)
    fmt::print(", {:.2f} % under {}", 100 * *last.validation_robust_accuracy, outcome.robust_description);
  fmt::print("\n");
  if (outcome.seconds_this_session > 0)
    spdlog::info("{:.0f} images/s", static_cast<double>(outcome.images_this_session) / outcome.seconds_this_session);
}

/// The model is there already: a picture that fails is no failure of the run.
void draw_curve(const std::filesystem::path& folder) {
  try {
    if (!draw_training_curve(folder / "training_log.csv", folder / "training_curve.svg"))
      spdlog::warn("training_curve.svg is not drawn: gnuplot is missing or failed (install gnuplot-nox)");
  } catch (const UsageError& error) {
    spdlog::warn("training_curve.svg is not drawn: {}", error.what());
  }
}

void run_train(TrainOptions& options, const CommonOptions& common) {
  for (const MethodFlag& flag : options.method_flags)
    if (!flag.typed.empty()) options.request.method_parameters.emplace_back(flag.name, flag.typed);
  const TrainingOutcome outcome = train(options.request, common.reporting);
  if (!outcome.stopped.empty()) spdlog::warn("stopped: {}", outcome.stopped);
  draw_curve(options.request.out);
  print_outcome(outcome);
}

}  // namespace

std::function<void()> declare_train(CLI::App& app, const CommonOptions& common) {
  auto options = std::make_shared<TrainOptions>();
  declare_data(app, options->request);
  declare_method(app, *options);
  declare_optimiser(app, options->request);
  declare_run(app, options->request);
  return [options, &common] { run_train(*options, common); };
}

}  // namespace cuebench::cli
