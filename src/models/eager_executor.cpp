#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "eager_executor.hpp"

#include <memory>

#include "dense_step.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

struct EagerNetwork {
  NativePlan plan;
  InputNormalisation normalisation;

  ForwardTensors run(const at::Tensor& images, TapGradients gradients) const {
    std::vector<at::Tensor> values(plan.steps.size());
    std::vector<bool> is_tap(plan.steps.size(), false);
    for (const int tap : plan.taps) is_tap[tap] = true;
    values[0] = normalisation.apply(images);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const PlanStep& step = plan.steps[i];
      if (i > 0) values[i] = run_dense_step(step, values);
      // Recording starts at the earliest tap: nothing before it needs a gradient.
      if (gradients == TapGradients::yes && is_tap[i] && !values[i].requires_grad()) {
        if (i == 0) values[i] = values[i].detach();
        values[i].requires_grad_(true);
      }
      for (const int value : step.releases) values[value].reset();
    }
    ForwardTensors result{values.back(), {}};
    for (const int tap : plan.taps) result.taps.push_back(values[tap]);
    for (const int probe : plan.probes) result.probes.push_back(values[probe]);
    return result;
  }
};

}  // namespace

Executor make_eager_executor(NativePlan plan, InputNormalisation normalisation) {
  const auto network = std::make_shared<const EagerNetwork>(EagerNetwork{std::move(plan), std::move(normalisation)});
  Executor executor;
  executor.differentiate = [network](const at::Tensor& images, TapGradients gradients) {
    return network->run(images, gradients);
  };
  executor.infer = [network](const at::Tensor& images) {
    const ForwardTensors tensors = network->run(images, TapGradients::no);
    Inference inference{to_vector(tensors.logits), {}};
    for (const at::Tensor& tap : tensors.taps) inference.taps.push_back(spatial_means(tap));
    return inference;
  };
  return executor;
}

}  // namespace cuebench
