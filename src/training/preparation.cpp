#include "preparation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <unistd.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/threads.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/networks/initial_weights.hpp>

#include "adversary.hpp"
#include "device.hpp"
#include "recipe.hpp"

namespace cuebench {
namespace {

/// The threat that twins are compared under where the method has none.
constexpr ThreatModel kUsualThreat{Norm::linf, 8.0 / 255};

struct ChosenMethod {
  TrainingMethod method;
  std::string text;  ///< canonical
};

ChosenMethod choose_method(const TrainingRequest& request) {
  NamedParameters named = parse_named_parameters("training method", request.method);
  const TrainingMethodInfo& info = find_training_method(named.name);
  named.values.insert(named.values.end(), request.method_parameters.begin(), request.method_parameters.end());
  const Parameters parameters = resolve_parameters("method " + named.name, info.parameters, named.values);
  const std::string values = parameters.canonical();
  return {info.make(parameters), named.name + (values.empty() ? "" : ":" + values)};
}

/// @throws UsageError where `fine` is false.
void require(bool fine, const char* flag, double value, const char* range) {
  if (!fine) throw UsageError(fmt::format("{} {} is not {}", flag, format_real(value), range));
}

void check_numbers(const TrainingRequest& r) {
  require(r.epochs >= 1, "--epochs", r.epochs, "at least 1");
  require(r.batch >= 1, "--batch", r.batch, "at least 1");
  require(r.learning_rate > 0 && std::isfinite(r.learning_rate), "--lr", r.learning_rate, "a number above 0");
  require(r.momentum >= 0 && r.momentum < 1, "--momentum", r.momentum, "in [0, 1)");
  require(r.weight_decay >= 0 && std::isfinite(r.weight_decay), "--weight-decay", r.weight_decay, "at least 0");
  require(r.probe_weight >= 0 && std::isfinite(r.probe_weight), "--cifs-beta", r.probe_weight, "at least 0");
  require(r.label_smoothing >= 0 && r.label_smoothing < 1, "--label-smoothing", r.label_smoothing, "in [0, 1)");
  require(r.average_decay >= 0 && r.average_decay < 1, "--ema", r.average_decay, "in [0, 1)");
  require(r.holdout >= 0 && r.holdout < 1, "--holdout", r.holdout, "in [0, 1)");
  require(r.crop_padding >= 0 && r.crop_padding <= 1024, "--crop-padding", r.crop_padding, "in [0, 1024]");
  require(r.robust_images >= 0, "--robust-images", r.robust_images, "at least 0");
  require(r.warmup >= 0 && r.warmup < r.epochs, "--warmup", r.warmup, "at least 0 and below the epochs");
  require(r.gamma > 0 && r.gamma <= 1, "--gamma", r.gamma, "in (0, 1]");
  require(r.threads >= 0 && r.threads <= 1024, "--threads", r.threads, "in [0, 1024]");
  require(r.limit >= 0, "--limit", static_cast<double>(r.limit), "at least 0");
  for (const double milestone : r.milestones)
    require(milestone > 0 && milestone < r.epochs, "--milestones", milestone, "above 0 and below the epochs");
  if (r.nesterov && r.momentum == 0) throw UsageError("--nesterov needs a momentum: leave it out, or raise --momentum");
  if (r.schedule == "triangular" && r.warmup > 0)
    throw UsageError("--schedule triangular rises by itself: leave --warmup out");
  if (!r.milestones.empty() && r.schedule != "step")
    throw UsageError(fmt::format("--milestones belong to --schedule step, not to {}", r.schedule));
}

std::vector<std::size_t> labelled_items(const Dataset& dataset, std::int64_t limit, std::vector<std::string>& notes) {
  const std::size_t available = dataset.items.size();
  const std::size_t count = limit > 0 ? std::min(available, static_cast<std::size_t>(limit)) : available;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = i * available / count;
    if (dataset.items[index].label >= 0) chosen.push_back(index);
  }
  if (chosen.empty())
    throw UsageError(
        fmt::format("the images of '{}' have no labels, and training needs them: sort them into one folder "
                    "a class, or give a list with labels (`cuebench list datasets`)",
                    dataset.source));
  if (chosen.size() < count)
    notes.push_back(
        fmt::format("{} image(s) of '{}' have no label and are left out", count - chosen.size(), dataset.source));
  return chosen;
}

/// Positions of the validation set's classes among those of the training set.
std::vector<int> map_classes(const std::vector<std::string>& of_validation, const std::vector<std::string>& of_training,
                             const std::string& source) {
  std::vector<int> map;
  for (const std::string& name : of_validation) {
    const auto found = std::find(of_training.begin(), of_training.end(), name);
    if (found == of_training.end())
      throw UsageError(
          fmt::format("'{}' has a class '{}' that the training data lack: give validation data of the same "
                      "classes",
                      source, name));
    map.push_back(static_cast<int>(found - of_training.begin()));
  }
  return map;
}

/// The images that will be read, before they are.
struct Sources {
  Dataset training_data, validation_data;
  std::vector<std::size_t> training, validation;
  std::vector<int> training_labels, validation_labels;
  bool apart = false;  ///< validation has a data set of its own
};

Sources open_sources(const TrainingRequest& request, std::vector<std::string>& notes) {
  if (request.data.empty()) throw UsageError("no training images are given: add --data SRC");
  Sources sources;
  sources.training_data = open_dataset(request.data);
  const Dataset& data = sources.training_data;
  notes.insert(notes.end(), data.notes.begin(), data.notes.end());
  const std::vector<std::size_t> items = labelled_items(data, request.limit, notes);
  if (data.classes.size() < 2)
    throw UsageError(fmt::format("'{}' has one class only: training needs at least two", data.source));
  sources.training_labels.resize(data.classes.size());
  std::iota(sources.training_labels.begin(), sources.training_labels.end(), 0);
  sources.apart = !request.validation.empty();
  if (sources.apart) {
    sources.training = items;
    sources.validation_data = open_dataset(request.validation);
    sources.validation = labelled_items(sources.validation_data, 0, notes);
    sources.validation_labels = map_classes(sources.validation_data.classes, data.classes, request.validation);
  } else {
    Split split = hold_out(data, items, request.holdout, request.seed);
    sources.training = std::move(split.training);
    sources.validation = std::move(split.validation);
    sources.validation_labels = sources.training_labels;
  }
  if (sources.training.size() < 2)
    throw UsageError(fmt::format("'{}' leaves {} image(s) for training: give more, or lower --holdout", data.source,
                                 sources.training.size()));
  return sources;
}

std::string prefixed(const char* prefix, const std::string& text) {
  return text.empty() ? "" : prefix + text;
}

/// Modules that the checkpoint lacks start from random weights.
void add_new_modules(Checkpoint& checkpoint, const std::string& architecture, const NodeShape& input, int classes,
                     std::uint64_t seed) {
  const Checkpoint fresh = initial_weights(build_network(architecture, input, classes), seed);
  for (const NamedTensor& tensor : fresh.tensors)
    if (tensor.first.rfind("cifs.", 0) == 0 && !checkpoint.find(tensor.first)) checkpoint.tensors.push_back(tensor);
}

void check_probes(const TrainingRequest& request, const TrainingPlan& plan) {
  const auto& nodes = plan.start.network.nodes;
  const bool probes = std::any_of(nodes.begin(), nodes.end(),
                                  [](const Node& node) { return node.operation == Operation::channel_probe; });
  if (probes && !plan.method.trains_probes)
    throw UsageError(fmt::format("method {} does not train the probes of CIFS modules: use pgd, fast, free or standard",
                                 parse_named_parameters("training method", request.method).name));
}

/// The weights that training starts from, and the normalisation that they expect (none: that of the images).
void choose_network(const TrainingRequest& request, const std::vector<std::string>& classes, const NodeShape& input,
                    TrainingPlan& plan) {
  const int count = static_cast<int>(classes.size());
  if (request.channel_selection && request.architecture.empty())
    throw UsageError("--cifs needs the architecture that the modules go into: add --arch NAME");
  const std::string modules = request.channel_selection ? "+cifs" + prefixed(":", *request.channel_selection) : "";
  if (request.from.empty()) {
    if (request.architecture.empty())
      throw UsageError("no architecture is given: add --arch NAME (`cuebench list architectures`), or --from FILE");
    plan.start.network = build_network(request.architecture + modules, input, count);
    plan.start.checkpoint = initial_weights(plan.start.network, request.seed);
    plan.start.classes = count;
  } else {
    const ModelSpec spec = parse_model_spec("start=" + request.from.string());
    if (!spec.sidecar.classes.empty() && spec.sidecar.classes != classes)
      throw UsageError(
          fmt::format("'{}' was trained on other classes ({}, ...) than those of the data ({}, ...): it can "
                      "only be trained on with its own",
                      request.from.string(), spec.sidecar.classes.front(), classes.front()));
    Sidecar sidecar = spec.sidecar;
    sidecar.input_size = input;
    Checkpoint checkpoint = read_checkpoint(request.from);
    if (request.channel_selection)
      add_new_modules(checkpoint, request.architecture + modules, input, count, request.seed);
    plan.start =
        assemble_network(std::move(checkpoint), request.architecture + modules, sidecar, request.from.string());
    if (plan.start.classes != count)
      throw UsageError(
          fmt::format("'{}' has {} outputs and the data have {} classes: train from scratch, or give data "
                      "with its classes",
                      request.from.string(), plan.start.classes, count));
    plan.sidecar.mean = sidecar.mean.empty() ? plan.start.checkpoint.normaliser_mean : sidecar.mean;
    plan.sidecar.std = sidecar.std.empty() ? plan.start.checkpoint.normaliser_std : sidecar.std;
    plan.sidecar.channel_order = sidecar.channel_order;
  }
  check_probes(request, plan);
  plan.sidecar.arch = plan.start.network.architecture;
  plan.sidecar.role = plan.method.threat ? "robust" : "standard";
  plan.sidecar.classes = classes;
  plan.sidecar.input_size = input;
}

void check_memory(const TrainingRequest& request, const Sources& sources, const Image& example) {
  const auto images = static_cast<std::int64_t>(sources.training.size() + sources.validation.size());
  const std::int64_t bytes = images * example.height * example.width * Image::kChannels;
  const std::int64_t machine = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
  const std::int64_t budget = request.memory_mib > 0 ? request.memory_mib << 20 : machine / 2;
  if (bytes > budget)
    throw UsageError(
        fmt::format("{} images of {}x{} take {} MiB in memory and {} MiB are allowed: raise --memory, or "
                    "choose a smaller --preset or --limit",
                    images, example.height, example.width, (bytes >> 20) + 1, budget >> 20));
}

std::vector<double> milestones_of(const TrainingRequest& request) {
  if (!request.milestones.empty()) return request.milestones;
  return {0.5 * request.epochs, 0.75 * request.epochs};
}

Schedule make_schedule(const TrainingRequest& request, std::int64_t steps_per_epoch) {
  const auto steps = [&](double epochs) { return std::llround(epochs * static_cast<double>(steps_per_epoch)); };
  Schedule schedule;
  schedule.kind = parse_schedule(request.schedule);
  schedule.learning_rate = request.learning_rate;
  schedule.steps = steps(request.epochs);
  schedule.warmup_steps = steps(request.warmup);
  schedule.gamma = request.gamma;
  for (const double milestone : milestones_of(request)) schedule.milestones.push_back(steps(milestone));
  return schedule;
}

bool has_batch_norm(const Network& network) {
  return std::any_of(network.nodes.begin(), network.nodes.end(),
                     [](const Node& node) { return node.operation == Operation::batch_norm; });
}

void settle_sizes(const TrainingRequest& request, TrainingPlan& plan) {
  plan.batch = std::min<std::int64_t>(request.batch, static_cast<std::int64_t>(plan.training.size()));
  plan.batches_per_epoch = static_cast<std::int64_t>(plan.training.size()) / plan.batch;
  plan.schedule = make_schedule(request, plan.batches_per_epoch * plan.method.replays);
}

std::string describe_check(const RobustCheck& check) {
  return fmt::format("PGD-{}, {} on {} images", check.steps, describe_threat(check.threat), check.images);
}

}  // namespace

TrainingPlan prepare_training(const TrainingRequest& request, const ReportingOptions& reporting,
                              const std::function<void(const std::string& recipe)>& accept_recipe) {
  check_numbers(request);
  parse_schedule(request.schedule);
  TrainingPlan plan;
  ChosenMethod chosen = choose_method(request);
  plan.method = std::move(chosen.method);
  plan.device = choose_device(request.device);
  if (request.autocast && !plan.device.is_cuda())
    throw UsageError("--autocast needs a CUDA device: leave it out on a CPU");
  plan.threads = request.threads > 0 ? request.threads : available_cores();
  plan.sgd = {request.momentum, request.weight_decay, request.nesterov, request.decay_weights_only};
  plan.augmentation = {request.flip, request.crop_padding};

  const Sources sources = open_sources(request, plan.notes);
  const Preset preset = parse_preset(request.preset.empty() ? "none" : request.preset);
  const Image example = example_image(sources.training_data, sources.training, preset);
  choose_network(request, sources.training_data.classes, {Image::kChannels, example.height, example.width}, plan);
  if (request.batch == 1 && has_batch_norm(plan.start.network))
    throw UsageError("--batch 1 gives batch normalisation nothing to average over: use at least 2");
  if (preset.canonical() != "none") plan.sidecar.preset = preset.canonical();
  if (request.robust_images > 0 && !sources.validation.empty())
    plan.robust_check = RobustCheck{plan.method.threat.value_or(kUsualThreat), 10,
                                    std::min<int>(request.robust_images, static_cast<int>(sources.validation.size()))};

  const Dataset& held = sources.validation_data;
  plan.recipe = recipe_json(request, {plan.start.network.architecture, chosen.text, sources.training_data.source,
                                      sources.training_data.digest, held.source, held.digest, preset.canonical(),
                                      request.from.empty() ? "" : sha256_of_file(request.from), milestones_of(request),
                                      plan.robust_check ? describe_check(*plan.robust_check) : "", plan.threads,
                                      plan.device.is_cuda() ? "cuda" : "cpu"});
  check_memory(request, sources, example);
  accept_recipe(plan.recipe);

  const LoadOptions load{preset, example.height, example.width, plan.threads, reporting};
  plan.training = load_images(sources.training_data, sources.training, sources.training_labels, load);
  plan.validation = load_images(sources.apart ? sources.validation_data : sources.training_data, sources.validation,
                                sources.validation_labels, load);
  for (const ImageSet* const set : {&plan.training, &plan.validation})
    plan.notes.insert(plan.notes.end(), set->notes.begin(), set->notes.end());
  if (plan.training.size() < 2) throw UsageError(fmt::format("no image of '{}' can be read", request.data));
  if (plan.validation.size() == 0) plan.robust_check.reset();
  if (request.from.empty()) {  // weights that were trained before expect the pixels that they know
    const ChannelStatistics statistics = channel_statistics(plan.training);
    plan.sidecar.mean.assign(statistics.mean.begin(), statistics.mean.end());
    for (const double deviation : statistics.deviation) plan.sidecar.std.push_back(deviation > 0 ? deviation : 1);
  }
  settle_sizes(request, plan);
  return plan;
}

}  // namespace cuebench
