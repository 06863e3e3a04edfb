#pragma once
// Runs a plan through oneDNN's own interface: activations stay in its layouts from the first convolution to the head,
// sums and activations are part of the convolution before them, and the input's gradient takes the same road back.

#include "executor.hpp"
#include "input_normalisation.hpp"
#include "native_plan.hpp"

namespace cuebench {

/// `infer`, and `differentiable_logits` where every step has a derivative here.
Executor make_onednn_executor(const NativePlan& plan, const InputNormalisation& normalisation);

}  // namespace cuebench
