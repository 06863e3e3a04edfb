#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "dense_step.hpp"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>

#include "channel_importance.hpp"

namespace cuebench {
namespace {

at::Tensor pad_shortcut(const PlanStep& step, const at::Tensor& x) {
  const at::Tensor sampled =
      x.slice(2, c10::nullopt, c10::nullopt, step.stride).slice(3, c10::nullopt, c10::nullopt, step.stride);
  return at::constant_pad_nd(sampled, {0, 0, 0, 0, step.pad_before, step.pad_after}, 0);
}

}  // namespace

std::vector<at::Tensor> inputs_of(const PlanStep& step, const std::vector<at::Tensor>& values) {
  std::vector<at::Tensor> inputs;
  for (const int input : step.inputs) inputs.push_back(values[input]);
  return inputs;
}

at::Tensor prepend_class_token(const PlanStep& step, const at::Tensor& map) {
  const at::Tensor pixels = map.flatten(2).transpose(1, 2);
  return at::cat({step.weight.expand({map.size(0), 1, map.size(1)}), pixels}, 1);
}

at::Tensor attend(const PlanStep& step, const at::Tensor& tokens) {
  const std::int64_t images = tokens.size(0), count = tokens.size(1), width = tokens.size(2) / 3 / step.groups;
  // [3, images, heads, tokens, width]
  const at::Tensor split = tokens.reshape({images, count, 3, step.groups, width}).permute({2, 0, 3, 1, 4});
  const at::Tensor scores =
      at::matmul(split[0] * (1 / std::sqrt(static_cast<double>(width))), split[1].transpose(-2, -1));
  return at::matmul(at::softmax(scores, -1), split[2]).transpose(1, 2).reshape({images, count, step.groups * width});
}

at::Tensor run_dense_step(const PlanStep& step, const std::vector<at::Tensor>& values) {
  const at::Tensor& x = values[step.inputs[0]];
  const at::Tensor& other = values[step.inputs.back()];
  at::Tensor target = x;  // a second handle to the same values
  switch (step.operation) {
    case Operation::input:
      return x;
    case Operation::convolution:
      return at::conv2d(x, step.weight, step.bias, step.stride, step.padding, 1, step.groups);
    case Operation::batch_norm:
      return at::batch_norm(x, step.weight, step.bias, step.running_mean, step.running_variance, false, 0.0,
                            step.epsilon, false);
    case Operation::relu:
      if (!step.may_overwrite_recorded) return at::relu(x);
      return at::relu_(target);
    case Operation::relu6:
      return at::hardtanh(x, 0, 6);
    case Operation::gelu:
      return at::gelu(x);
    case Operation::concatenate:
      return at::cat(inputs_of(step, values), 1);
    case Operation::add:
      if (!step.may_overwrite_recorded) return at::add(x, other);
      return target.add_(other);
    case Operation::channel_pad_shortcut:
      return pad_shortcut(step, x);
    case Operation::max_pool:
      return at::max_pool2d(x, step.kernel, step.stride, step.padding, 1, step.ceil_mode);
    case Operation::average_pool:
      return at::avg_pool2d(x, step.kernel, step.stride, step.padding, step.ceil_mode);
    case Operation::adaptive_average_pool:
      return at::adaptive_avg_pool2d(x, {step.kernel, step.kernel});
    case Operation::global_average_pool:
      return at::mean(x, {2, 3});
    case Operation::flatten:
      return x.flatten(1);
    case Operation::linear:
      return at::linear(x, step.weight, step.bias);
    case Operation::class_token:
      return prepend_class_token(step, x);
    case Operation::position_embedding:
      return at::add(x, step.weight);
    case Operation::layer_norm:
      return at::layer_norm(x, {x.size(-1)}, step.weight, step.bias, step.epsilon);
    case Operation::attention:
      return attend(step, x);
    case Operation::first_token:
      return x.select(1, 0).contiguous();
    case Operation::channel_probe:
      return probe_logits(step, x);
    case Operation::channel_importance:
      return weigh_channels(step, x, other);
  }
  return x;
}

}  // namespace cuebench
