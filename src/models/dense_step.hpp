#pragma once
// One operation on dense tensors, recorded by autograd where its inputs are.

#include <ATen/core/Tensor.h>

#include "native_plan.hpp"

namespace cuebench {

/// The value of `step` from its inputs (`other` is the second one of a sum); batch_norm with running statistics.
at::Tensor run_dense_step(const PlanStep& step, const at::Tensor& x, const at::Tensor& other);

}  // namespace cuebench
