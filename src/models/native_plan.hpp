#pragma once
// A Network with its weights, ready to be executed: normalisation folded into convolutions, life times known.

#include <array>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/networks/architecture.hpp>
#include <cuebench/networks/network.hpp>

namespace cuebench {

/// One operation. Its value has the index of the step.
struct PlanStep {
  Operation operation = Operation::input;
  std::vector<int> inputs;  ///< indices of earlier steps
  NodeShape input_shape;    ///< of the first input, without the batch
  std::int64_t kernel = 1, stride = 1, padding = 0, groups = 1, pad_before = 0, pad_after = 0;
  bool ceil_mode = false;
  double epsilon = 0;
  at::Tensor weight, bias;                    ///< dense float32; bias may be undefined
  at::Tensor running_mean, running_variance;  ///< of a batch_norm that could not be folded
  /// Of a channel_probe and the channel_importance on it: the layer behind the hidden one; undefined in a linear probe.
  at::Tensor second_weight, second_bias;
  ImportanceRule importance;
  std::vector<int> releases;   ///< values that nobody needs after this step
  bool may_overwrite = false;  ///< the first input's last use is here and it is no tap
  /// The same while autograd records: nothing needs the first input again for a gradient.
  bool may_overwrite_recorded = false;
};

struct NativePlan {
  std::vector<PlanStep> steps;  ///< [0] is the input, the last one gives the logits
  std::vector<int> taps;        ///< step of each chosen tap
  std::vector<int> probes;      ///< steps that are a channel_probe
};

/// The node's attributes, without weights and inputs.
PlanStep make_bare_step(const Network& network, const Node& node);
/// Every tensor of a step, defined or not.
inline std::array<at::Tensor*, 6> tensors_of(PlanStep& step) {
  return {&step.weight, &step.bias, &step.running_mean, &step.running_variance, &step.second_weight, &step.second_bias};
}
/// Fills in `probes`, `releases` and the two permissions to overwrite, from the steps' inputs and the taps.
void find_life_times(NativePlan& plan);

/// Folds every batch_norm into the convolution before it, in double, where nothing else reads the convolution and it is
/// no tap. `taps` are node indices.
NativePlan make_native_plan(const Network& network, const Checkpoint& checkpoint, const std::vector<int>& taps);

}  // namespace cuebench
