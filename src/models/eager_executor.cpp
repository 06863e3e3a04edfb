#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "eager_executor.hpp"

#include <memory>

#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>

#include "tap_means.hpp"

namespace cuebench {
namespace {

at::Tensor pad_shortcut(const PlanStep& step, const at::Tensor& x) {
  const at::Tensor sampled =
      x.slice(2, c10::nullopt, c10::nullopt, step.stride).slice(3, c10::nullopt, c10::nullopt, step.stride);
  return at::constant_pad_nd(sampled, {0, 0, 0, 0, step.pad_before, step.pad_after}, 0);
}

at::Tensor run_step(const PlanStep& step, const at::Tensor& x, const at::Tensor& other) {
  switch (step.operation) {
    case Operation::input:
      return x;
    case Operation::convolution:
      return at::conv2d(x, step.weight, step.bias, step.stride, step.padding, 1, step.groups);
    case Operation::batch_norm:
      return at::batch_norm(x, step.weight, step.bias, step.running_mean, step.running_variance, false, 0.0,
                            step.epsilon, false);
    case Operation::relu:
      return at::relu(x);
    case Operation::add:
      return at::add(x, other);
    case Operation::channel_pad_shortcut:
      return pad_shortcut(step, x);
    case Operation::max_pool:
      return at::max_pool2d(x, step.kernel, step.stride, step.padding, 1, step.ceil_mode);
    case Operation::average_pool:
      return at::avg_pool2d(x, step.kernel, step.stride, step.padding, step.ceil_mode);
    case Operation::global_average_pool:
      return at::mean(x, {2, 3});
    case Operation::flatten:
      return x.flatten(1);
    case Operation::linear:
      return at::linear(x, step.weight, step.bias);
  }
  return x;
}

struct EagerNetwork {
  NativePlan plan;
  InputNormalisation normalisation;

  ForwardTensors run(const at::Tensor& images, TapGradients gradients) const {
    std::vector<at::Tensor> values(plan.steps.size());
    std::vector<bool> is_tap(plan.steps.size(), false);
    for (const int tap : plan.taps) is_tap[tap] = true;
    values[0] = normalisation.apply(images);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const PlanStep& step = plan.steps[i];
      if (i > 0) values[i] = run_step(step, values[step.inputs[0]], values[step.inputs.back()]);
      // Recording starts at the earliest tap: nothing before it needs a gradient.
      if (gradients == TapGradients::yes && is_tap[i] && !values[i].requires_grad()) {
        if (i == 0) values[i] = values[i].detach();
        values[i].requires_grad_(true);
      }
      for (const int value : step.releases) values[value].reset();
    }
    ForwardTensors result{values.back(), {}};
    for (const int tap : plan.taps) result.taps.push_back(values[tap]);
    return result;
  }
};

}  // namespace

Executor make_eager_executor(NativePlan plan, InputNormalisation normalisation) {
  const auto network = std::make_shared<const EagerNetwork>(EagerNetwork{std::move(plan), std::move(normalisation)});
  Executor executor;
  executor.differentiate = [network](const at::Tensor& images, TapGradients gradients) {
    return network->run(images, gradients);
  };
  executor.infer = [network](const at::Tensor& images) {
    const ForwardTensors tensors = network->run(images, TapGradients::no);
    Inference inference{to_vector(tensors.logits), {}};
    for (const at::Tensor& tap : tensors.taps) inference.taps.push_back(spatial_means(tap));
    return inference;
  };
  return executor;
}

}  // namespace cuebench
