// TRADES: accuracy on clean images plus agreement between clean and adversarial ones.

#include <ATen/ops/kl_div.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>
#include <ATen/core/grad_mode.h>
#include <ATen/TensorOperators.h>

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"
#include "adversarial_parameters.hpp"

namespace cuebench {
namespace {

constexpr double kUsualReach = 2.5;
constexpr double kStartDeviation = 0.001;

/// sum over images of KL(p || softmax(logits)).
at::Tensor summed_divergence(const at::Tensor& logits, const at::Tensor& p) {
  return at::kl_div(at::log_softmax(logits, 1), p, at::Reduction::Sum);
}

TrainingMethod make(const Parameters& parameters) {
  const ThreatModel threat = threat_model_of(parameters);
  const auto steps = static_cast<int>(parameters.integer("steps"));
  const double typed = parameters.real("alpha"), beta = parameters.real("beta");
  const double alpha = typed > 0 ? typed : kUsualReach * threat.epsilon / steps;
  const bool running = parameters.text("statistics") == "running";
  const auto loss = [=](TrainingStep& step) -> StepLoss {
    const FrozenNetwork attacked = running ? step.network.freeze() : FrozenNetwork([&](const at::Tensor& images) {
      return step.network.forward(images, RunningStatistics::keep);
    });
    at::Tensor clean_probabilities;
    {
      const at::NoGradGuard no_recording;
      clean_probabilities = at::softmax(attacked(step.images), 1);
    }
    const at::Tensor start = step.images + kStartDeviation * normal_noise(step.images, step.noise_seed);
    const at::Tensor adversarial =
        maximise(threat, alpha, steps, start, step.images, [&](const at::Tensor& images) {
          return summed_divergence(attacked(images), clean_probabilities);
        });
    const at::Tensor clean = step.network.forward(step.images, RunningStatistics::update);
    const at::Tensor moved = step.network.forward(adversarial, RunningStatistics::update);
    const at::Tensor divergence = summed_divergence(moved, at::softmax(clean, 1)) / clean.size(0);
    return {mean_cross_entropy(clean, step.labels, step.label_smoothing) + beta * divergence, clean};
  };
  return {.loss = loss, .threat = threat};
}

}  // namespace

extern const TrainingMethodInfo trades_training_method{
    "trades",
    "cross entropy on clean images plus beta times the divergence between clean and adversarial predictions",
    "x' from x + 0.001 N(0, 1) by PGD on KL(p(x) || p(x')); loss = mean CE(z(x), y) + beta * mean KL(p(x) || p(x'))",
    "Zhang et al. 2019 (arXiv:1901.08573); adversary in eval mode as in yaodongyu/TRADES",
    {alpha_parameter("length of a step; 0: 2.5 epsilon / steps"),
     {.name = "beta",
      .kind = ParameterKind::real,
      .default_value = "6",
      .minimum = 0,
      .doc = "weight of the divergence; 0 is standard training"},
     epsilon_parameter(), norm_parameter(), statistics_parameter(), steps_parameter("10")},
    &make};

}  // namespace cuebench
