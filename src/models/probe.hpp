#pragma once
// The first batch that a model sees: does it run, are its logits finite, do its ways and its closed form agree.

#include "executor.hpp"

namespace cuebench {

/// Two images of uniform noise, always the same.
at::Tensor probe_images(const NodeShape& size);

/// Runs the probe batch, fixes classes, way and notes, and empties closed forms that autograd contradicts. Returns the
/// executor that infer() is to use.
/// @throws UsageError naming the file: no [N, classes] output, logits not finite, the demanded way not available, ...
Executor probe_model(LoadedModel& loaded, const ModelSpec& spec, ExecutionWay way);

}  // namespace cuebench
