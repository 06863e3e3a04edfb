// TRADES: accuracy on clean images plus agreement between clean and adversarial ones.

#include "trades.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"
#include "adversarial_parameters.hpp"

namespace cuebench {
namespace {

constexpr double kStartDeviation = 0.001;

TrainingMethod make(const Parameters& parameters) {
  const ThreatModel threat = threat_model_of(parameters);
  const auto steps = static_cast<int>(parameters.integer("steps"));
  const double typed = parameters.real("alpha"), beta = parameters.real("beta");
  const double alpha = typed > 0 ? typed : usual_alpha(threat, steps);
  const bool running = parameters.text("statistics") == "running";
  const auto loss = [=](TrainingStep& step) -> StepLoss {
    const FrozenNetwork attacked = attacked_network(step, running);
    at::Tensor clean_probabilities;
    {
      const at::NoGradGuard no_recording;
      clean_probabilities = at::softmax(attacked(step.images).logits, 1);
    }
    const at::Tensor start = step.images + kStartDeviation * normal_noise(step.images, step.noise_seed);
    const at::Tensor adversarial = maximise(threat, alpha, steps, start, step.images, [&](const at::Tensor& images) {
      return summed_divergence(attacked(images).logits, clean_probabilities);
    });
    const TradesLoss result =
        trades_loss(step.network, step.images, adversarial, step.labels, beta, step.label_smoothing);
    return {result.loss, result.clean};
  };
  return {.loss = loss, .threat = threat, .trains_probes = false};
}

}  // namespace

at::Tensor summed_divergence(const at::Tensor& logits, const at::Tensor& p) {
  return at::kl_div(at::log_softmax(logits, 1), p, at::Reduction::Sum);
}

TradesLoss trades_loss(TrainableNetwork& network, const at::Tensor& images, const at::Tensor& moved,
                       const at::Tensor& labels, double beta, double label_smoothing) {
  const at::Tensor clean = network.forward(images, RunningStatistics::update).logits;
  const at::Tensor other = network.forward(moved, RunningStatistics::update).logits;
  const at::Tensor divergence = summed_divergence(other, at::softmax(clean, 1)) / clean.size(0);
  return {mean_cross_entropy(clean, labels, label_smoothing) + beta * divergence, clean};
}

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
     epsilon_parameter(),
     norm_parameter(),
     statistics_parameter(),
     steps_parameter("10")},
    &make};

}  // namespace cuebench
