#pragma once
// Models elsewhere than in float32 on the CPU: weights moved and converted, and the executor that uses them.

#include "executor.hpp"
#include "input_normalisation.hpp"
#include "native_plan.hpp"

namespace cuebench {

/// What weights and activations of a scoring pass are kept in. TF32 is float32 in memory.
at::ScalarType storage_type(Precision precision);

/// Weights on `device` in `type`; the same ones where they are so already. Converted once at load rather than by
/// autocast in each pass: the same operations on every device, no switch per thread.
NativePlan place_plan(NativePlan plan, const at::Device& device, at::ScalarType type);
/// Normalises in float32 on `device` and hands on `type`.
InputNormalisation place_normalisation(InputNormalisation normalisation, const at::Device& device, at::ScalarType type);

/// The float32 executor `make(kFloat)` becomes loaded.plain; fewer bits, where loaded.placement asks for them, become
/// loaded.reduced.
void place_executors(LoadedModel& loaded, const std::function<Executor(at::ScalarType type)>& make);

/// The executor for a placement that is not the default, and what it is called in info.way; `images` are the probe
/// batch. @throws UsageError where the way cannot be had, or fewer bits do not run or give no finite logits.
Executor choose_placed(LoadedModel& loaded, const at::Tensor& images, const ModelSpec& spec, ExecutionWay way);

}  // namespace cuebench
