#pragma once
// Runs a plan in oneDNN's own layouts: weights reordered once, activations blocked from the first convolution to the
// pooling. No gradients.

#include "executor.hpp"
#include "input_normalisation.hpp"
#include "native_plan.hpp"

namespace cuebench {

/// `infer` only. Empty functions where LibTorch was built without oneDNN.
Executor make_blocked_executor(NativePlan plan, InputNormalisation normalisation);

}  // namespace cuebench
