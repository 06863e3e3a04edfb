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

  /// Runs all steps once, and for each set of factors again those that depend on the tap.
  void run_with_factors(const at::Tensor& images, const FactorPasses& passes) const {
    const auto tap = static_cast<std::size_t>(plan.taps.at(passes.tap));
    std::vector<PlanStep> steps = plan.steps;
    std::vector<bool> depends(steps.size(), false);
    std::vector<at::Tensor> values(steps.size());
    values[0] = normalisation.apply(images);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i].may_overwrite = steps[i].may_overwrite_recorded = false;  // values are read again
      for (const int input : steps[i].inputs) depends[i] = depends[i] || depends[static_cast<std::size_t>(input)];
      if (i == tap) depends[i] = true;
      if (i > 0 && (!depends[i] || i == tap)) values[i] = run_dense_step(steps[i], values);
    }
    const at::Tensor unmodified = values[tap];
    for (std::size_t pass = 0; pass < passes.count; ++pass) {
      values[tap] = unmodified.mul(passes.factors(unmodified.dim(), pass));
      for (std::size_t i = tap + 1; i < steps.size(); ++i)
        if (depends[i]) values[i] = run_dense_step(steps[i], values);
      passes.visit(pass, values.back());
    }
  }
};

}  // namespace

Executor make_eager_executor(NativePlan plan, InputNormalisation normalisation) {
  const auto network = std::make_shared<const EagerNetwork>(EagerNetwork{std::move(plan), std::move(normalisation)});
  Executor executor;
  executor.differentiate = [network](const at::Tensor& images, TapGradients gradients) {
    return network->run(images, gradients);
  };
  executor.infer_with_factors = [network](const at::Tensor& images, const FactorPasses& passes) {
    network->run_with_factors(images, passes);
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
