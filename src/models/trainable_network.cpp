#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <unordered_map>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rsqrt.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/trainable_network.hpp>

#include "channel_importance.hpp"
#include "dense_step.hpp"
#include "eager_executor.hpp"
#include "input_normalisation.hpp"
#include "native_plan.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

constexpr double kStatisticsMomentum = 0.1;

/// Where a step's tensors stand in tensors(); -1: it has none.
struct Slots {
  int weight = -1, bias = -1, mean = -1, variance = -1, second_weight = -1, second_bias = -1;
};

at::Tensor host_tensor(const WeightTensor& weight) {
  at::Tensor tensor = at::empty(weight.shape, at::kFloat);
  std::copy(weight.values.begin(), weight.values.end(), tensor.data_ptr<float>());
  return tensor;
}

bool has_weights(Operation operation) {
  return operation == Operation::convolution || operation == Operation::linear || operation == Operation::batch_norm;
}

void refuse_transformer(const Node& node, const std::string& architecture) {
  if (node.operation == Operation::class_token || node.operation == Operation::layer_norm)
    throw UsageError(architecture + " cannot be trained: " + std::string(to_string(node.operation)) +
                     " is there for evaluation only; choose a convolutional network");
}

/// The convolution that a batch_norm can be folded into, or -1.
int foldable_convolution(const Network& network, std::size_t index) {
  const Node& norm = network.nodes[index];
  if (norm.operation != Operation::batch_norm) return -1;
  const int source = norm.inputs[0];
  if (network.nodes[source].operation != Operation::convolution) return -1;
  std::ptrdiff_t uses = 0;
  for (const Node& node : network.nodes) uses += std::count(node.inputs.begin(), node.inputs.end(), source);
  return uses == 1 ? source : -1;
}

/// weight' = weight * scale, bias' = (bias - mean) * scale + shift, with scale = gamma / sqrt(variance + epsilon).
void fold(PlanStep& convolution, const PlanStep& norm) {
  const at::Tensor scale = norm.weight * at::rsqrt(norm.running_variance + norm.epsilon);
  const at::Tensor shift = norm.bias - norm.running_mean * scale;
  convolution.bias = convolution.bias.defined() ? convolution.bias * scale + shift : shift;
  convolution.weight = convolution.weight * scale.view({-1, 1, 1, 1});
}

}  // namespace

struct TrainableNetwork::State {
  Network network;
  InputNormalisation normalisation;
  std::vector<TrainableTensor> tensors;
  std::vector<Slots> slots;                   ///< per node
  NativePlan plan;                            ///< one step a node, on the tensors themselves
  std::vector<std::int64_t> batches_tracked;  ///< per node

  int adopt(const Checkpoint& checkpoint, const std::string& name, const at::Device& device, bool trained,
            bool is_weight);
  void adopt_node(const Checkpoint& checkpoint, const Node& node, const at::Device& device);
  void adopt_probe(const Checkpoint& checkpoint, const Node& node, const at::Device& device, Slots& slot);
  at::Tensor normalise_batch(std::size_t index, const at::Tensor& x, RunningStatistics statistics);
  /// The step of a node on the given values (of the tensors where there are none), without recording.
  PlanStep frozen_step(std::size_t index, std::span<const at::Tensor> values) const;
};

int TrainableNetwork::State::adopt(const Checkpoint& checkpoint, const std::string& name, const at::Device& device,
                                   bool trained, bool is_weight) {
  const WeightTensor* const weight = checkpoint.find(name);
  if (!weight) throw UsageError("the checkpoint has no tensor '" + name + "'; check arch");
  at::Tensor value = host_tensor(*weight).to(device);
  if (value.dim() == 4) value = value.contiguous(at::MemoryFormat::ChannelsLast);
  value.requires_grad_(trained);
  tensors.push_back({name, value, trained, is_weight});
  return static_cast<int>(tensors.size()) - 1;
}

void TrainableNetwork::State::adopt_probe(const Checkpoint& checkpoint, const Node& node, const at::Device& device,
                                          Slots& slot) {
  slot.weight = adopt(checkpoint, node.parameters + ".0.weight", device, true, true);
  slot.bias = adopt(checkpoint, node.parameters + ".0.bias", device, true, false);
  if (node.hidden == 0) return;
  slot.second_weight = adopt(checkpoint, node.parameters + ".2.weight", device, true, true);
  slot.second_bias = adopt(checkpoint, node.parameters + ".2.bias", device, true, false);
}

void TrainableNetwork::State::adopt_node(const Checkpoint& checkpoint, const Node& node, const at::Device& device) {
  PlanStep step = make_bare_step(network, node);
  step.inputs = node.inputs;
  Slots slot;
  std::int64_t batches = 0;
  if (node.operation == Operation::channel_probe) adopt_probe(checkpoint, node, device, slot);
  if (node.operation == Operation::channel_importance) slot = slots[node.inputs[1]];  // its probe's
  for (const auto& [tensor, index] :
       {std::pair(&step.second_weight, slot.second_weight), std::pair(&step.second_bias, slot.second_bias),
        std::pair(&step.weight, slot.weight), std::pair(&step.bias, slot.bias)})
    if (index >= 0) *tensor = tensors[index].value;
  step.importance.differentiate_factors = false;
  if (has_weights(node.operation)) {
    const bool norm = node.operation == Operation::batch_norm;
    slot.weight = adopt(checkpoint, node.parameters + ".weight", device, true, !norm);
    step.weight = tensors[slot.weight].value;
    if (node.bias || norm) {
      slot.bias = adopt(checkpoint, node.parameters + ".bias", device, true, false);
      step.bias = tensors[slot.bias].value;
    }
    if (norm) {
      slot.mean = adopt(checkpoint, node.parameters + ".running_mean", device, false, false);
      slot.variance = adopt(checkpoint, node.parameters + ".running_var", device, false, false);
      step.running_mean = tensors[slot.mean].value;
      step.running_variance = tensors[slot.variance].value;
      const WeightTensor* const tracked = checkpoint.find(node.parameters + ".num_batches_tracked");
      if (tracked && tracked->integers.size() == 1) batches = tracked->integers[0];
    }
  }
  plan.steps.push_back(std::move(step));
  slots.push_back(slot);
  batches_tracked.push_back(batches);
}

at::Tensor TrainableNetwork::State::normalise_batch(std::size_t index, const at::Tensor& x,
                                                    RunningStatistics statistics) {
  const PlanStep& step = plan.steps[index];
  const bool update = statistics == RunningStatistics::update;
  if (update) ++batches_tracked[index];
  return at::batch_norm(x, step.weight, step.bias, update ? step.running_mean : at::Tensor(),
                        update ? step.running_variance : at::Tensor(), /*training=*/true, kStatisticsMomentum,
                        step.epsilon, /*cudnn_enabled=*/true);
}

PlanStep TrainableNetwork::State::frozen_step(std::size_t index, std::span<const at::Tensor> values) const {
  PlanStep step = plan.steps[index];
  const Slots& slot = slots[index];
  const auto value = [&](int tensor) {
    if (tensor < 0) return at::Tensor();
    // A copy: the optimiser goes on changing the tensors in place.
    return (values.empty() ? tensors[tensor].value : values[tensor]).detach().clone();
  };
  step.weight = value(slot.weight);
  step.bias = value(slot.bias);
  step.running_mean = value(slot.mean);
  step.running_variance = value(slot.variance);
  step.second_weight = value(slot.second_weight);
  step.second_bias = value(slot.second_bias);
  step.releases.clear();
  return step;
}

TrainableNetwork::TrainableNetwork(const AssembledNetwork& assembled, const Sidecar& normalisation,
                                   const at::Device& device)
    : state_(std::make_unique<State>()) {
  state_->network = assembled.network;
  state_->normalisation = make_input_normalisation(normalisation, assembled.network.nodes[0].shape.at(0),
                                                   "network " + assembled.network.architecture);
  for (at::Tensor* const tensor : {&state_->normalisation.mean, &state_->normalisation.std})
    if (tensor->defined()) *tensor = tensor->to(device);
  for (const Node& node : assembled.network.nodes) refuse_transformer(node, assembled.network.architecture);
  for (const Node& node : assembled.network.nodes) state_->adopt_node(assembled.checkpoint, node, device);
  find_life_times(state_->plan);
}

TrainableNetwork::TrainableNetwork(TrainableNetwork&&) noexcept = default;
TrainableNetwork& TrainableNetwork::operator=(TrainableNetwork&&) noexcept = default;
TrainableNetwork::~TrainableNetwork() = default;

NetworkOutputs TrainableNetwork::forward(const at::Tensor& images, RunningStatistics statistics,
                                         const at::Tensor& labels) {
  const std::vector<PlanStep>& steps = state_->plan.steps;
  std::vector<at::Tensor> values(steps.size());
  values[0] = state_->normalisation.apply(images);
  for (std::size_t i = 1; i < steps.size(); ++i) {
    const at::Tensor& x = values[steps[i].inputs[0]];
    if (steps[i].operation == Operation::batch_norm) {
      values[i] = state_->normalise_batch(i, x, statistics);
    } else if (steps[i].operation == Operation::channel_importance) {
      values[i] = weigh_channels(steps[i], x, values[steps[i].inputs[1]], labels);
    } else {
      values[i] = run_dense_step(steps[i], values);
    }
    for (const int value : steps[i].releases) values[value].reset();
  }
  NetworkOutputs outputs{values.back()};
  for (const int probe : state_->plan.probes) outputs.probes.push_back(values[probe]);
  return outputs;
}

FrozenNetwork TrainableNetwork::freeze(std::span<const at::Tensor> values, FactorGradient factors) const {
  const at::NoGradGuard no_recording;
  NativePlan plan;
  std::vector<int> step_of(state_->plan.steps.size(), 0);
  for (std::size_t i = 0; i < step_of.size(); ++i) {
    PlanStep step = state_->frozen_step(i, values);
    step.importance.differentiate_factors = factors == FactorGradient::through;
    if (const int convolution = foldable_convolution(state_->network, i); convolution >= 0) {
      fold(plan.steps[step_of[convolution]], step);
      step_of[i] = step_of[convolution];
      continue;
    }
    for (int& input : step.inputs) input = step_of[input];
    step_of[i] = static_cast<int>(plan.steps.size());
    plan.steps.push_back(std::move(step));
  }
  find_life_times(plan);
  const Executor executor = make_eager_executor(std::move(plan), state_->normalisation);
  return [executor](const at::Tensor& images) {
    ForwardTensors forward = executor.differentiate(images, TapGradients::no);
    return NetworkOutputs{std::move(forward.logits), std::move(forward.probes)};
  };
}

std::vector<TrainableTensor>& TrainableNetwork::tensors() {
  return state_->tensors;
}

const std::vector<TrainableTensor>& TrainableNetwork::tensors() const {
  return state_->tensors;
}

std::vector<NamedTensor> TrainableNetwork::state_dict(std::span<const at::Tensor> values) const {
  std::vector<NamedTensor> state;
  for (std::size_t i = 0; i < state_->tensors.size(); ++i) {
    const at::Tensor value = (values.empty() ? state_->tensors[i].value : values[i]).detach().cpu().contiguous();
    WeightTensor weight;
    weight.shape = value.sizes().vec();
    weight.values = to_vector(value);
    weight.stored_as = "float32";
    state.emplace_back(state_->tensors[i].name, std::move(weight));
  }
  for (std::size_t i = 0; i < state_->batches_tracked.size(); ++i) {
    const Node& node = state_->network.nodes[i];
    if (node.operation != Operation::batch_norm) continue;
    WeightTensor counter;
    counter.integers = {state_->batches_tracked[i]};
    counter.stored_as = "int64";
    state.emplace_back(node.parameters + ".num_batches_tracked", std::move(counter));
  }
  return state;
}

void TrainableNetwork::load(std::span<const NamedTensor> state) {
  const at::NoGradGuard no_recording;
  std::unordered_map<std::string, const WeightTensor*> by_name;
  for (const auto& [name, weight] : state) by_name.emplace(name, &weight);
  for (TrainableTensor& tensor : state_->tensors) {
    const auto found = by_name.find(tensor.name);
    if (found == by_name.end() || found->second->shape != tensor.value.sizes().vec())
      throw UsageError("the saved weights have no tensor '" + tensor.name + "' of the network's shape");
    tensor.value.copy_(host_tensor(*found->second));
  }
  for (std::size_t i = 0; i < state_->batches_tracked.size(); ++i) {
    const auto found = by_name.find(state_->network.nodes[i].parameters + ".num_batches_tracked");
    if (found != by_name.end() && found->second->integers.size() == 1)
      state_->batches_tracked[i] = found->second->integers[0];
  }
}

}  // namespace cuebench
