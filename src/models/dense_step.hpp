#pragma once
// One operation on dense tensors, recorded by autograd where its inputs are.

#include <ATen/core/Tensor.h>

#include "native_plan.hpp"

namespace cuebench {

/// The value of `step` from those of earlier steps; batch_norm with running statistics.
at::Tensor run_dense_step(const PlanStep& step, const std::vector<at::Tensor>& values);
/// The step's inputs among the values, in order.
std::vector<at::Tensor> inputs_of(const PlanStep& step, const std::vector<at::Tensor>& values);

/// A learned token before the pixels of a map, row by row.
at::Tensor prepend_class_token(const PlanStep& step, const at::Tensor& map);
/// Softmax attention in heads of tokens that hold queries, keys and values side by side.
at::Tensor attend(const PlanStep& step, const at::Tensor& tokens);

}  // namespace cuebench
