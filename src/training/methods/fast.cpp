// Adversarial training with one step from a random start.

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"
#include "adversarial_parameters.hpp"

namespace cuebench {
namespace {

constexpr double kUsualStep = 1.25;  // alpha / epsilon of the paper's code

TrainingMethod make(const Parameters& parameters) {
  const ThreatModel threat{Norm::linf, threat_model_of(parameters).epsilon};
  const double typed = parameters.real("alpha");
  const double alpha = typed > 0 ? typed : kUsualStep * threat.epsilon;
  const auto loss = [=](TrainingStep& step) -> StepLoss {
    const FrozenNetwork attacked = attacked_network(step, /*running_statistics=*/false);
    const Objective objective = [&](const at::Tensor& images) {
      return summed_joint_loss(attacked(images), step.labels, step.probe_weight);
    };
    const at::Tensor start = random_start(threat, step.images, step.noise_seed);
    const at::Tensor adversarial = maximise(threat, alpha, 1, start, step.images, objective);
    const NetworkOutputs outputs = step.network.forward(adversarial, RunningStatistics::update, step.labels);
    return {mean_joint_loss(outputs, step), outputs.logits};
  };
  return {.loss = loss, .threat = threat, .may_overfit_catastrophically = true};
}

}  // namespace

extern const TrainingMethodInfo fast_training_method{
    "fast",
    "adversarial training with one FGSM step from a random start; stops when that step no longer represents PGD",
    "d ~ U(-epsilon, epsilon), x + d in [0, 1]; d <- clip(d + alpha * sign(grad CE(z(x + d), y)), +-epsilon), "
    "x + d in [0, 1]; loss = mean CE(z(x + d), y)",
    "Wong et al. 2020 (arXiv:2001.03994)",
    {alpha_parameter("length of the step; 0: 1.25 epsilon"),
     epsilon_parameter(),
     {.name = "norm",
      .kind = ParameterKind::choice,
      .default_value = "linf",
      .choices = {"linf"},
      .doc = "shape of the ball; the method is defined for linf"}},
    &make};

}  // namespace cuebench
