// Adversarial training at the price of standard training: the gradient of each step also moves the perturbation.

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/zeros_like.h>

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"
#include "adversarial_parameters.hpp"

namespace cuebench {
namespace {

TrainingMethod make(const Parameters& parameters) {
  const ThreatModel threat = threat_model_of(parameters);
  const double typed = parameters.real("alpha");
  const double alpha = typed > 0 ? typed : threat.epsilon;
  const auto loss = [=](TrainingStep& step) -> StepLoss {
    at::Tensor& delta = step.carried;
    if (!delta.defined()) delta = at::zeros_like(step.images);
    // The perturbation comes from other images: together with these it may leave [0, 1].
    const at::Tensor attacked = at::clamp(step.images + delta, 0, 1).requires_grad_(true);
    const NetworkOutputs outputs = step.network.forward(attacked, RunningStatistics::update, step.labels);
    const auto move_delta = [threat, alpha, attacked, images = step.images, &delta] {
      const at::NoGradGuard no_recording;
      const at::Tensor moved = attacked.detach() + alpha * steepest_direction(threat, attacked.grad());
      delta = project(threat, moved, images) - images;
    };
    return {mean_joint_loss(outputs, step), outputs.logits, move_delta};
  };
  return {.loss = loss, .threat = threat, .replays = static_cast<int>(parameters.integer("replays"))};
}

}  // namespace

extern const TrainingMethodInfo free_training_method{
    "free",
    "every minibatch is used several times, and each backward pass moves both the weights and the perturbation",
    "for each replay: x' = clip(x + d, 0, 1); loss = mean CE(z(x'), y); d <- P(x' + alpha * steepest(grad)) - x; "
    "d is carried over to the next minibatch",
    "Shafahi et al. 2019 (arXiv:1904.12843), as in Wong et al.'s code",
    {alpha_parameter("length of a step; 0: epsilon"),
     epsilon_parameter(),
     norm_parameter(),
     {.name = "replays",
      .kind = ParameterKind::integer,
      .default_value = "8",
      .minimum = 1,
      .maximum = 100,
      .doc = "optimiser steps on each minibatch; divide the epochs by it for the same work"}},
    &make};

}  // namespace cuebench
