#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "dense_step.hpp"

#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>

namespace cuebench {
namespace {

at::Tensor pad_shortcut(const PlanStep& step, const at::Tensor& x) {
  const at::Tensor sampled =
      x.slice(2, c10::nullopt, c10::nullopt, step.stride).slice(3, c10::nullopt, c10::nullopt, step.stride);
  return at::constant_pad_nd(sampled, {0, 0, 0, 0, step.pad_before, step.pad_after}, 0);
}

}  // namespace

at::Tensor run_dense_step(const PlanStep& step, const at::Tensor& x, const at::Tensor& other) {
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
    case Operation::add:
      if (!step.may_overwrite_recorded) return at::add(x, other);
      return target.add_(other);
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

}  // namespace cuebench
