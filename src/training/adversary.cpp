#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "adversary.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/sign.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr double kSmallestNorm = 1e-10;
constexpr double kUsualReach = 2.5;             // alpha * steps / epsilon of the library `robustness`
constexpr std::int64_t kNoIgnoredIndex = -100;  // PyTorch's default

/// [N, 1, 1, 1]
at::Tensor image_norms(const at::Tensor& images) {
  return images.flatten(1).norm(2, 1).view({-1, 1, 1, 1});
}

at::Tensor host_noise(const at::Tensor& images) {
  return at::empty_like(images, at::TensorOptions(at::kCPU).dtype(at::kFloat));
}

}  // namespace

ThreatModel threat_model_of(const Parameters& parameters) {
  ThreatModel threat;
  threat.norm = parameters.text("norm") == "l2" ? Norm::l2 : Norm::linf;
  threat.epsilon = parameters.real("epsilon");
  const std::string typed = format_real(threat.epsilon);
  if (!(threat.epsilon > 0))
    throw UsageError(fmt::format("epsilon {} is not above 0: write 8/255, or train with --method standard", typed));
  if (threat.norm == Norm::linf && threat.epsilon > 1)
    throw UsageError(fmt::format("epsilon {} is above 1: write {}/255 (pixels are in [0, 1])", typed, typed));
  return threat;
}

std::string describe_threat(const ThreatModel& threat) {
  const double levels = threat.epsilon * 255;
  const bool whole = threat.norm == Norm::linf && std::abs(levels - std::round(levels)) < 1e-9;
  return fmt::format("{} {}", threat.norm == Norm::linf ? "linf" : "l2",
                     whole ? fmt::format("{}/255", std::lround(levels)) : format_real(threat.epsilon));
}

at::Tensor project(const ThreatModel& threat, const at::Tensor& moved, const at::Tensor& images) {
  if (threat.norm == Norm::linf)
    return at::clamp(at::maximum(at::minimum(moved, images + threat.epsilon), images - threat.epsilon), 0, 1);
  const at::Tensor change = moved - images;
  const at::Tensor scale = at::clamp(threat.epsilon / at::clamp(image_norms(change), kSmallestNorm), {}, 1);
  return at::clamp(images + change * scale, 0, 1);
}

at::Tensor steepest_direction(const ThreatModel& threat, const at::Tensor& gradient) {
  return threat.norm == Norm::linf ? at::sign(gradient) : gradient / (image_norms(gradient) + kSmallestNorm);
}

at::Tensor random_start(const ThreatModel& threat, const at::Tensor& images, std::uint64_t seed) {
  if (threat.norm == Norm::l2)
    return project(threat, images + threat.epsilon * steepest_direction(threat, normal_noise(images, seed)), images);
  at::Tensor noise = host_noise(images);
  noise.uniform_(-threat.epsilon, threat.epsilon, at::detail::createCPUGenerator(seed));
  return project(threat, images + noise.to(images.device()), images);
}

at::Tensor normal_noise(const at::Tensor& images, std::uint64_t seed) {
  at::Tensor noise = host_noise(images);
  noise.normal_(0, 1, at::detail::createCPUGenerator(seed));
  return noise.to(images.device());
}

at::Tensor input_gradient(const Objective& objective, const at::Tensor& images) {
  const at::Tensor leaf = images.detach().requires_grad_(true);
  return torch::autograd::grad({objective(leaf)}, {leaf}).front();
}

at::Tensor maximise(const ThreatModel& threat, double alpha, int steps, at::Tensor start, const at::Tensor& images,
                    const Objective& objective) {
  at::Tensor adversarial = std::move(start);
  for (int i = 0; i < steps; ++i) {
    const at::Tensor gradient = input_gradient(objective, adversarial);
    const at::NoGradGuard no_recording;
    adversarial = project(threat, adversarial + alpha * steepest_direction(threat, gradient), images);
  }
  return adversarial.detach();
}

double usual_alpha(const ThreatModel& threat, int steps) {
  return kUsualReach * threat.epsilon / steps;
}

namespace {

/// `cross_entropy` of the logits and of each probe's, weighed.
template <typename CrossEntropy>
at::Tensor joint_loss(const NetworkOutputs& outputs, double probe_weight, const CrossEntropy& cross_entropy) {
  at::Tensor loss = cross_entropy(outputs.logits);
  if (outputs.probes.empty()) return loss;
  const double share = probe_weight / static_cast<double>(outputs.probes.size());
  for (const at::Tensor& probe : outputs.probes) loss = loss + share * cross_entropy(probe);
  return loss * (3 / (probe_weight + 1));
}

}  // namespace

at::Tensor summed_joint_loss(const NetworkOutputs& outputs, const at::Tensor& labels, double probe_weight) {
  return joint_loss(outputs, probe_weight,
                    [&](const at::Tensor& logits) { return summed_cross_entropy(logits, labels); });
}

at::Tensor mean_joint_loss(const NetworkOutputs& outputs, const TrainingStep& step) {
  return joint_loss(outputs, step.probe_weight, [&](const at::Tensor& logits) {
    return mean_cross_entropy(logits, step.labels, step.label_smoothing);
  });
}

FrozenNetwork attacked_network(TrainingStep& step, bool running_statistics) {
  if (running_statistics) return step.network.freeze({}, FactorGradient::constant);
  return
      [&network = step.network](const at::Tensor& images) { return network.forward(images, RunningStatistics::keep); };
}

at::Tensor summed_cross_entropy(const at::Tensor& logits, const at::Tensor& labels) {
  return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum, kNoIgnoredIndex, 0);
}

at::Tensor mean_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing) {
  return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, kNoIgnoredIndex, smoothing);
}

}  // namespace cuebench
