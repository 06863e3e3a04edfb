#pragma once
// A plan for executors that compute several operations in one pass over memory: a convolution with the sum and the
// activation behind it, a normalisation with its activation.

#include <vector>

#include "native_plan.hpp"

namespace cuebench {

enum class Activation { none, relu, relu6 };

/// One pass over memory. Values keep the indices of the plan's steps.
struct FusedStep {
  /// Its first operation. `add` and `relu` stand here only where nothing before could take them in.
  Operation operation = Operation::input;
  int first = 0;            ///< the step whose weights it uses
  int value = 0;            ///< the last step that it covers, whose value it writes
  std::vector<int> inputs;  ///< values
  int addend = -1;          ///< a value that is added before the activation, or -1
  Activation activation = Activation::none;
  /// On spatial maps, by an operation that has a fast form there. All others run on dense tensors, one plan step each.
  bool spatial = false;
  std::vector<int> releases;  ///< values that nobody needs after this step; never the logits
};

struct FusedPlan {
  std::vector<PlanStep> steps;  ///< the plan's, with option A's shortcuts as convolutions
  std::vector<FusedStep> fused;
  std::vector<int> taps;  ///< values
};

/// Option A as a 1x1 convolution whose weights are 0 and 1: exact, and layouts stay what they are.
PlanStep shortcut_as_convolution(PlanStep shortcut);

/// Nothing is fused over a tap. A sum goes into the later of the two convolutions that it adds.
FusedPlan fuse(const NativePlan& plan);

}  // namespace cuebench
