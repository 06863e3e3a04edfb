#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

#include "executor.hpp"
#include "probe.hpp"
#include "relevance.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

/// LibTorch's errors are pages long; the first line says what happened.
std::string first_line(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string describe_model(const ModelSpec& spec) {
  return "model '" + spec.name + "' (" + spec.file.string() + ")";
}

std::string describe_size(const NodeShape& size) {
  std::string text;
  for (const std::int64_t extent : size) {
    if (!text.empty()) text += 'x';
    text += std::to_string(extent);
  }
  return text;
}

struct Model::State {
  LoadedModel loaded;
  Executor executor;

  /// The batch as float, contiguous and of the right size, or the sentence that says why not.
  at::Tensor accept(const at::Tensor& images) const;
  /// The same for autograd, which cannot save tensors made in inference mode.
  at::Tensor accept_for_gradients(const at::Tensor& images) const;
  /// What `work` returns; LibTorch's errors become one sentence.
  template <typename Work>
  auto run(const at::Tensor& images, Work work) const;
  /// Forward and backward pass; fills result.inference and returns the gradients by the taps.
  std::vector<at::Tensor> differentiate(const at::Tensor& images, const std::vector<std::int64_t>& labels,
                                        RelevanceKind kind, RelevantInference& result,
                                        std::vector<std::vector<std::int64_t>>& selected) const;
};

at::Tensor Model::State::accept(const at::Tensor& images) const {
  const NodeShape& own = loaded.info.input;
  const std::string model = "model '" + loaded.info.name + "'";
  if (images.dim() != 4 || images.scalar_type() != at::kFloat)
    throw UsageError(model + " takes a float batch [N, C, H, W]");
  if (images.size(0) == 0) throw UsageError(model + " was given a batch without images");
  const bool channels = images.size(1) == own[0] || (own[0] == 1 && images.size(1) == 3);
  const bool rows = own[1] == 0 || images.size(2) == own[1];
  const bool columns = own[2] == 0 || images.size(3) == own[2];
  if (!channels || !rows || !columns)
    throw UsageError(model + " takes images of " + describe_size(own) + ", not " +
                     describe_size({images.size(1), images.size(2), images.size(3)}) + "; choose another preset");
  // cuDNN is fastest where channels are last; the CPU's plain way takes them first.
  const bool on_cpu = loaded.placement.device.is_cpu();
  return to_device(images, loaded.placement.device)
      .contiguous(on_cpu ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast);
}

at::Tensor Model::State::accept_for_gradients(const at::Tensor& images) const {
  const at::Tensor accepted = accept(images);
  return accepted.is_inference() ? accepted.clone() : accepted;
}

template <typename Work>
auto Model::State::run(const at::Tensor& images, Work work) const {
  try {
    return work();
  } catch (const c10::Error& error) {
    const std::string reason = first_line(error);
    const bool full = reason.find("out of memory") != std::string::npos;
    throw UsageError("model '" + loaded.info.name + "' failed on a batch of " + describe_size(images.sizes().vec()) +
                     ": " + reason + (full ? "; lower --batch" : ""));
  }
}

std::vector<at::Tensor> Model::State::differentiate(const at::Tensor& images, const std::vector<std::int64_t>& labels,
                                                    RelevanceKind kind, RelevantInference& result,
                                                    std::vector<std::vector<std::int64_t>>& selected) const {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(true);
  const ForwardTensors forward = executor.differentiate(accept_for_gradients(images).detach(), TapGradients::yes);
  result.inference.logits = to_vector(forward.logits);
  selected = selected_classes(result.inference.logits, loaded.info.classes, labels, kind);
  for (const at::Tensor& tap : forward.taps) result.inference.taps.push_back(spatial_means(tap));
  return tap_gradients(forward.logits, forward.taps, selected);
}

Model::Model(std::unique_ptr<State> state) : state_(std::move(state)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

std::vector<ExecutionWay> ways_for(CheckpointFormat format) {
  if (format == CheckpointFormat::torchscript) return {ExecutionWay::plain, ExecutionWay::blocked};
  return native_ways();
}

Model Model::load(const ModelSpec& spec, const std::vector<std::string>& taps, const NodeShape& input_hint,
                  ExecutionWay way, const Placement& placement) {
  const bool script = checkpoint_format(spec.file) == CheckpointFormat::torchscript;
  return finish(
      [&] {
        return script ? load_script_model(spec, taps, input_hint, placement)
                      : load_native_model(assemble_network(read_checkpoint(spec.file), spec.sidecar.arch, spec.sidecar,
                                                           spec.file.string()),
                                          spec, taps, input_hint, placement);
      },
      spec, way);
}

Model Model::from_network(const AssembledNetwork& assembled, const ModelSpec& spec,
                          const std::vector<std::string>& taps, const NodeShape& input_hint, ExecutionWay way,
                          const Placement& placement) {
  return finish([&] { return load_native_model(assembled, spec, taps, input_hint, placement); }, spec, way);
}

Model Model::finish(const std::function<LoadedModel()>& load, const ModelSpec& spec, ExecutionWay way) {
  prepare_libtorch();
  // Weights made in inference mode could not take part in a backward pass.
  const c10::InferenceMode normal_mode(false);
  auto state = std::make_unique<State>();
  try {
    state->loaded = load();
    const Placement& placement = state->loaded.placement;
    prepare_device(placement.device);
    const DeviceTurn turn(placement.device);
    ModelInfo& info = state->loaded.info;
    info.device = placement.device.str();
    info.precision = to_string(placement.precision);
    info.name = spec.name;
    info.role = spec.role;
    info.preset = spec.preset;
    info.file = spec.file.string();
    if (!spec.file.empty()) info.sha256 = sha256_of_file(spec.file);
    state->executor = probe_model(state->loaded, spec, way);
  } catch (const c10::Error& error) {
    throw UsageError(describe_model(spec) + " cannot be run on images of " + describe_size(state->loaded.probe_size) +
                     ": " + first_line(error));
  }
  return Model(std::move(state));
}

const ModelInfo& Model::info() const {
  return state_->loaded.info;
}

const Placement& Model::placement() const {
  return state_->loaded.placement;
}

std::vector<TapInfo> Model::available_taps() const {
  return state_->loaded.available;
}

const std::vector<TapInfo>& Model::taps() const {
  return state_->loaded.chosen;
}

const std::vector<double>& Model::closed_form_weights(std::size_t tap) const {
  return state_->loaded.closed_form.at(tap);
}

Inference Model::infer(const at::Tensor& images) const {
  prepare_libtorch_worker();
  const c10::InferenceMode inference_mode;
  const DeviceTurn turn(placement().device);
  return state_->run(images, [&] { return state_->executor.infer(state_->accept(images)); });
}

Inference Model::infer_plainly(const at::Tensor& images) const {
  prepare_libtorch_worker();
  const c10::InferenceMode inference_mode;
  const DeviceTurn turn(placement().device);
  return state_->run(images, [&] { return state_->loaded.plain.infer(state_->accept(images)); });
}

RelevantInference Model::infer_with_relevance(const at::Tensor& images, const std::vector<std::int64_t>& labels,
                                              RelevanceKind kind) const {
  prepare_libtorch_worker();
  const LoadedModel& loaded = state_->loaded;
  const DeviceTurn turn(loaded.placement.device);
  RelevantInference result;
  std::vector<at::Tensor> gradients(loaded.chosen.size());
  std::vector<std::vector<std::int64_t>> selected;
  const bool all_closed = std::all_of(loaded.closed_form.begin(), loaded.closed_form.end(),
                                      [](const std::vector<double>& weights) { return !weights.empty(); });
  if (all_closed) {
    result.inference = infer(images);
    selected = selected_classes(result.inference.logits, info().classes, labels, kind);
  } else {
    gradients = state_->run(images, [&] { return state_->differentiate(images, labels, kind, result, selected); });
  }
  for (std::size_t i = 0; i < loaded.chosen.size(); ++i) {
    const std::vector<double>& weights = loaded.closed_form[i];
    if (!weights.empty()) {
      result.relevance.push_back(closed_form_relevance(weights, loaded.chosen[i].shape[0], selected));
      continue;
    }
    if (!gradients[i].defined())
      throw UsageError("tap '" + loaded.chosen[i].name + "' of model '" + info().name +
                       "' does not influence the logits, so it has no relevance; choose a tap on the way to them");
    result.relevance.push_back(spatial_sums(gradients[i]));
  }
  return result;
}

at::Tensor Model::differentiable_logits(const at::Tensor& images) const {
  prepare_libtorch_worker();
  const c10::InferenceMode normal_mode(false);
  const DeviceTurn turn(placement().device);
  return state_->run(images, [&] {
    const Executor& executor = state_->executor;
    const at::Tensor accepted = state_->accept_for_gradients(images);
    return executor.differentiable_logits ? executor.differentiable_logits(accepted)
                                          : executor.differentiate(accepted, TapGradients::no).logits;
  });
}

namespace {

/// [N, C] factors in the shape that multiplies a tap's value: channels stand last in tokens, second elsewhere.
at::Tensor shaped_for(const at::Tensor& factors, std::int64_t dimensions) {
  if (dimensions == 3) return factors.unsqueeze(1);
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimensions), 1);
  shape[0] = factors.size(0);
  shape[1] = factors.size(1);
  return factors.view(shape);
}

}  // namespace

void Model::infer_with_factors(const at::Tensor& images, std::size_t tap, std::size_t count,
                               const std::function<void(std::size_t, std::span<float>)>& fill,
                               const std::function<void(std::size_t, std::span<const float>)>& visit) const {
  prepare_libtorch_worker();
  const c10::InferenceMode inference_mode;
  const DeviceTurn turn(placement().device);
  at::Tensor factors = at::empty({images.size(0), taps().at(tap).shape.front()}, at::kFloat);
  FactorPasses passes{tap, count, {}, {}};
  passes.factors = [&](std::int64_t dimensions, std::size_t i) {
    fill(i, std::span(factors.data_ptr<float>(), static_cast<std::size_t>(factors.numel())));
    return shaped_for(factors, dimensions).to(placement().device);
  };
  passes.visit = [&](std::size_t i, const at::Tensor& logits) { visit(i, to_vector(logits)); };
  state_->run(images, [&] { state_->loaded.plain.infer_with_factors(state_->accept(images), passes); });
}

std::vector<at::Tensor> Model::differentiable_outputs(const at::Tensor& images) const {
  if (info().probes == 0) return {differentiable_logits(images)};
  prepare_libtorch_worker();
  const c10::InferenceMode normal_mode(false);
  const DeviceTurn turn(placement().device);
  return state_->run(images, [&] {
    ForwardTensors forward = state_->executor.differentiate(state_->accept_for_gradients(images), TapGradients::no);
    std::vector<at::Tensor> outputs{std::move(forward.logits)};
    std::move(forward.probes.begin(), forward.probes.end(), std::back_inserter(outputs));
    return outputs;
  });
}

}  // namespace cuebench
