#pragma once
// Runs a plan on dense tensors: differentiable, nothing is overwritten.

#include "executor.hpp"
#include "input_normalisation.hpp"
#include "native_plan.hpp"

namespace cuebench {

Executor make_eager_executor(NativePlan plan, InputNormalisation normalisation);

}  // namespace cuebench
