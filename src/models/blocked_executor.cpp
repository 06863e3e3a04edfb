#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "blocked_executor.hpp"

#include <array>
#include <memory>

#include <ATen/Context.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mkldnn_adaptive_avg_pool2d.h>
#include <ATen/ops/mkldnn_convolution.h>
#include <ATen/ops/mkldnn_max_pool2d.h>
#include <ATen/ops/mkldnn_reorder_conv2d_weight.h>
#include <ATen/ops/relu.h>

#include "channel_importance.hpp"
#include "dense_step.hpp"
#include "fused_plan.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

/// oneDNN's functions read one value per axis and do not check that there are two.
std::array<std::int64_t, 2> both(std::int64_t value) {
  return {value, value};
}

at::Tensor to_dense(const at::Tensor& tensor) {
  return tensor.is_mkldnn() ? tensor.to_dense() : tensor;
}

at::Tensor to_blocked(const at::Tensor& tensor) {
  return tensor.is_mkldnn() ? tensor : tensor.contiguous().to_mkldnn();
}

void prepare(PlanStep& step) {
  if (step.operation == Operation::channel_pad_shortcut) step = shortcut_as_convolution(std::move(step));
  if (step.operation != Operation::convolution) return;
  step.weight = at::mkldnn_reorder_conv2d_weight(step.weight.to_mkldnn(), both(step.padding), both(step.stride),
                                                 both(1), step.groups);
  if (step.bias.defined()) step.bias = step.bias.to_mkldnn();
}

at::Tensor convolve(const PlanStep& step, const at::Tensor& x) {
  return at::mkldnn_convolution(to_blocked(x), step.weight, step.bias, both(step.padding), both(step.stride), both(1),
                                step.groups);
}

at::Tensor pool(const PlanStep& step, const at::Tensor& x) {
  if (step.operation == Operation::max_pool)
    return at::mkldnn_max_pool2d(to_blocked(x), both(step.kernel), both(step.stride), both(step.padding), both(1),
                                 step.ceil_mode);
  // oneDNN divides a window that sticks out of the padded input by its whole size, PyTorch by the part inside.
  const at::Tensor& source = step.ceil_mode ? to_dense(x) : to_blocked(x);
  return at::avg_pool2d(source, both(step.kernel), both(step.stride), both(step.padding), step.ceil_mode);
}

at::Tensor join(const PlanStep& step, const std::vector<at::Tensor>& values) {
  std::vector<at::Tensor> inputs = inputs_of(step, values);
  for (at::Tensor& input : inputs) input = to_dense(input);
  return at::cat(inputs, 1);
}

at::Tensor run_step(const PlanStep& step, std::vector<at::Tensor>& values) {
  at::Tensor& x = values[step.inputs[0]];
  const at::Tensor& other = values[step.inputs.back()];
  switch (step.operation) {
    case Operation::input:
      return x;
    case Operation::convolution:
    case Operation::channel_pad_shortcut:  // prepare() made it a convolution
      return convolve(step, x);
    case Operation::batch_norm:
      return at::batch_norm(to_blocked(x), step.weight, step.bias, step.running_mean, step.running_variance, false, 0.0,
                            step.epsilon, false);
    case Operation::relu:
      return step.may_overwrite ? at::relu_(x) : at::relu(x);
    case Operation::relu6:
      return at::hardtanh(to_dense(x), 0, 6);
    case Operation::gelu:
      return at::gelu(to_dense(x));
    case Operation::concatenate:
      return join(step, values);
    case Operation::add:
      if (x.is_mkldnn() != other.is_mkldnn()) return at::add(to_blocked(x), to_blocked(other));
      return step.may_overwrite ? x.add_(other) : at::add(x, other);
    case Operation::max_pool:
    case Operation::average_pool:
      return pool(step, x);
    case Operation::adaptive_average_pool:
      return at::adaptive_avg_pool2d(to_dense(x), both(step.kernel));
    case Operation::global_average_pool:
      return at::mkldnn_adaptive_avg_pool2d(to_blocked(x), {1, 1}).to_dense().flatten(1);
    case Operation::flatten:
      return to_dense(x).flatten(1);
    case Operation::linear:
      return at::linear(to_dense(x), step.weight, step.bias);
    case Operation::class_token:
      return prepend_class_token(step, to_dense(x));
    case Operation::position_embedding:
    case Operation::layer_norm:
    case Operation::attention:
    case Operation::first_token:
      return run_dense_step(step, values);  // tokens are never blocked
    case Operation::channel_probe:
      return probe_logits(step, to_dense(x));
    case Operation::channel_importance:
      return weigh_channels(step, to_dense(x), other);
  }
  return x;
}

struct BlockedNetwork {
  NativePlan plan;
  InputNormalisation normalisation;

  Inference run(const at::Tensor& images) const {
    std::vector<at::Tensor> values(plan.steps.size());
    std::vector<TapMeans> means(plan.steps.size());
    std::vector<bool> is_tap(plan.steps.size(), false);
    for (const int tap : plan.taps) is_tap[tap] = true;
    values[0] = normalisation.apply(images);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const PlanStep& step = plan.steps[i];
      if (i > 0) values[i] = run_step(step, values);
      if (is_tap[i]) means[i] = spatial_means(to_dense(values[i]));
      for (const int value : step.releases) values[value].reset();
    }
    Inference inference{to_vector(to_dense(values.back())), {}};
    for (const int tap : plan.taps) inference.taps.push_back(means[tap]);
    return inference;
  }
};

}  // namespace

Executor make_blocked_executor(NativePlan plan, InputNormalisation normalisation) {
  Executor executor;
  if (!at::globalContext().hasMKLDNN()) return executor;
  for (PlanStep& step : plan.steps) prepare(step);
  const auto network =
      std::make_shared<const BlockedNetwork>(BlockedNetwork{std::move(plan), std::move(normalisation)});
  executor.infer = [network](const at::Tensor& images) { return network->run(images); };
  return executor;
}

}  // namespace cuebench
