#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "native_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <ATen/ops/empty.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

at::Tensor to_tensor(const WeightTensor& weight) {
  at::Tensor tensor = at::empty(weight.shape, at::kFloat);
  std::copy(weight.values.begin(), weight.values.end(), tensor.data_ptr<float>());
  return tensor;
}

/// assemble_network has checked names and shapes, so that an absent tensor is an optional one.
at::Tensor find_tensor(const Checkpoint& checkpoint, const std::string& name) {
  const WeightTensor* weight = checkpoint.find(name);
  return weight ? to_tensor(*weight) : at::Tensor();
}

at::Tensor require_tensor(const Checkpoint& checkpoint, const std::string& name) {
  at::Tensor tensor = find_tensor(checkpoint, name);
  if (!tensor.defined()) throw UsageError("the checkpoint has no tensor '" + name + "'; check arch");
  return tensor;
}

std::vector<int> count_uses(const Network& network, const std::vector<int>& taps) {
  std::vector<int> uses(network.nodes.size(), 0);
  for (const Node& node : network.nodes)
    for (const int input : node.inputs) ++uses[input];
  for (const int tap : taps) ++uses[tap];
  ++uses.back();
  return uses;
}

bool has_weight(Operation operation) {
  return operation == Operation::convolution || operation == Operation::linear || operation == Operation::batch_norm ||
         operation == Operation::layer_norm || operation == Operation::class_token ||
         operation == Operation::position_embedding;
}

bool has_bias(const Node& node) {
  if (node.operation == Operation::class_token || node.operation == Operation::position_embedding) return false;
  return node.bias || node.operation == Operation::batch_norm;
}

PlanStep make_step(const Network& network, const Checkpoint& checkpoint, const Node& node) {
  PlanStep step = make_bare_step(network, node);
  if (node.operation == Operation::channel_probe || node.operation == Operation::channel_importance) {
    step.weight = require_tensor(checkpoint, node.parameters + ".0.weight");
    step.bias = require_tensor(checkpoint, node.parameters + ".0.bias");
    step.second_weight = find_tensor(checkpoint, node.parameters + ".2.weight");
    step.second_bias = find_tensor(checkpoint, node.parameters + ".2.bias");
    return step;
  }
  if (!has_weight(node.operation)) return step;
  step.weight = require_tensor(checkpoint, parameter_name(node, "weight"));
  if (has_bias(node)) step.bias = require_tensor(checkpoint, parameter_name(node, "bias"));
  if (node.operation == Operation::batch_norm) {
    step.running_mean = require_tensor(checkpoint, node.parameters + ".running_mean");
    step.running_variance = require_tensor(checkpoint, node.parameters + ".running_var");
  }
  return step;
}

/// weight' = weight * scale, bias' = (bias - mean) * scale + shift, with scale = gamma / sqrt(variance + epsilon).
void fold(PlanStep& convolution, const PlanStep& norm) {
  const std::int64_t channels = convolution.weight.size(0);
  const std::int64_t taps_per_channel = convolution.weight.numel() / channels;
  at::Tensor bias = at::empty({channels}, at::kFloat);
  float* const weights = convolution.weight.data_ptr<float>();
  for (std::int64_t c = 0; c < channels; ++c) {
    const double variance = norm.running_variance.data_ptr<float>()[c];
    const double scale = norm.weight.data_ptr<float>()[c] / std::sqrt(variance + norm.epsilon);
    float* const row = weights + c * taps_per_channel;
    for (std::int64_t i = 0; i < taps_per_channel; ++i) row[i] = static_cast<float>(row[i] * scale);
    const double before = convolution.bias.defined() ? convolution.bias.data_ptr<float>()[c] : 0.0;
    bias.data_ptr<float>()[c] =
        static_cast<float>((before - norm.running_mean.data_ptr<float>()[c]) * scale + norm.bias.data_ptr<float>()[c]);
  }
  convolution.bias = bias;
}

/// Operations whose derivative is computed from their result, or whose result is their input itself.
bool needs_own_value(Operation operation) {
  return operation == Operation::relu || operation == Operation::max_pool || operation == Operation::input ||
         operation == Operation::flatten;
}

}  // namespace

PlanStep make_bare_step(const Network& network, const Node& node) {
  PlanStep step;
  step.operation = node.operation;
  if (!node.inputs.empty()) step.input_shape = network.nodes[node.inputs[0]].shape;
  step.kernel = node.kernel;
  step.stride = node.stride;
  step.padding = node.padding;
  step.groups = node.groups;
  step.pad_before = node.pad_before;
  step.pad_after = node.pad_after;
  step.ceil_mode = node.ceil_mode;
  step.epsilon = node.epsilon;
  step.importance = node.importance;
  return step;
}

void find_life_times(NativePlan& plan) {
  plan.probes.clear();
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (plan.steps[i].operation == Operation::channel_probe) plan.probes.push_back(static_cast<int>(i));
  std::vector<int> last_use(plan.steps.size());
  std::iota(last_use.begin(), last_use.end(), 0);
  std::vector<int> uses(plan.steps.size(), 0);
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    for (const int input : plan.steps[i].inputs) {
      last_use[input] = static_cast<int>(i);
      ++uses[input];
    }
  const int never = static_cast<int>(plan.steps.size());
  last_use.back() = never;
  last_use.front() = never;  // the caller's images
  for (const auto* const kept : {&plan.taps, &plan.probes})
    for (const int value : *kept) last_use[value] = never;
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (last_use[i] != never) plan.steps[last_use[i]].releases.push_back(static_cast<int>(i));
  for (std::size_t i = 1; i < plan.steps.size(); ++i) {
    const auto& inputs = plan.steps[i].inputs;
    const bool twice = std::count(inputs.begin(), inputs.end(), inputs[0]) > 1;
    const bool view = plan.steps[inputs[0]].operation == Operation::flatten;  // shares memory with what it flattens
    plan.steps[i].may_overwrite = last_use[inputs[0]] == static_cast<int>(i) && !twice && !view;
    plan.steps[i].may_overwrite_recorded =
        plan.steps[i].may_overwrite && uses[inputs[0]] == 1 && !needs_own_value(plan.steps[inputs[0]].operation);
  }
}

NativePlan make_native_plan(const Network& network, const Checkpoint& checkpoint, const std::vector<int>& taps) {
  const std::vector<int> uses = count_uses(network, taps);
  NativePlan plan;
  std::vector<int> step_of(network.nodes.size(), 0);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    PlanStep step = make_step(network, checkpoint, network.nodes[i]);
    for (const int input : network.nodes[i].inputs) step.inputs.push_back(step_of[input]);
    const int source = network.nodes[i].inputs.empty() ? -1 : network.nodes[i].inputs[0];
    if (step.operation == Operation::batch_norm && network.nodes[source].operation == Operation::convolution &&
        uses[source] == 1) {
      fold(plan.steps[step_of[source]], step);
      step_of[i] = step_of[source];
      continue;
    }
    step_of[i] = static_cast<int>(plan.steps.size());
    plan.steps.push_back(std::move(step));
  }
  for (const int tap : taps) plan.taps.push_back(step_of[tap]);
  find_life_times(plan);
  return plan;
}

}  // namespace cuebench
