// Adversarial training with projected gradient descent.

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"
#include "adversarial_parameters.hpp"

namespace cuebench {
namespace {

TrainingMethod make(const Parameters& parameters) {
  const ThreatModel threat = threat_model_of(parameters);
  const auto steps = static_cast<int>(parameters.integer("steps"));
  const double typed = parameters.real("alpha");
  const double alpha = typed > 0 ? typed : usual_alpha(threat, steps);
  const bool random = parameters.text("start") == "random", running = parameters.text("statistics") == "running";
  const auto loss = [=](TrainingStep& step) -> StepLoss {
    const FrozenNetwork attacked = attacked_network(step, running);
    const at::Tensor start = random ? random_start(threat, step.images, step.noise_seed) : step.images;
    const at::Tensor adversarial = maximise(threat, alpha, steps, start, step.images, [&](const at::Tensor& images) {
      return summed_joint_loss(attacked(images), step.labels, step.probe_weight);
    });
    const NetworkOutputs outputs = step.network.forward(adversarial, RunningStatistics::update, step.labels);
    return {mean_joint_loss(outputs, step), outputs.logits};
  };
  return {.loss = loss, .threat = threat};
}

}  // namespace

extern const TrainingMethodInfo pgd_training_method{
    "pgd",
    "adversarial training: every image is replaced by one that PGD finds within epsilon of it",
    "x' = last iterate of x <- P(x + alpha * steepest(grad CE(z(x), y))); loss = mean CE(z(x'), y)",
    "Madry et al. 2018 (arXiv:1706.06083); alpha as in the library robustness; adversary in eval mode as in CIFS",
    {alpha_parameter("length of a step; 0: 2.5 epsilon / steps"),
     epsilon_parameter(),
     norm_parameter(),
     {.name = "start",
      .kind = ParameterKind::choice,
      .default_value = "random",
      .choices = {"random", "image"},
      .doc = "where the adversary starts: in the ball, or at the image"},
     statistics_parameter(),
     steps_parameter("7")},
    &make};

}  // namespace cuebench
