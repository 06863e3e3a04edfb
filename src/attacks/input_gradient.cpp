#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "input_gradient.hpp"

#include <utility>

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr const char* kNoGradient = "its logits have no derivative by the images";

/// d(sum of logits * weights) / d(leaf); undefined where there is no path.
at::Tensor backward(const at::Tensor& logits, const at::Tensor& leaf, const at::Tensor& weights) {
  if (!logits.requires_grad()) return {};
  return torch::autograd::grad({logits}, {leaf}, {weights}, /*retain_graph=*/false, /*create_graph=*/false,
                               /*allow_unused=*/true)[0];
}

}  // namespace

namespace {

/// Weight of the loss of each output: 1 for the logits, the probes share `weight`.
std::vector<double> output_weights(std::size_t outputs, double weight) {
  std::vector<double> weights(outputs, outputs > 1 ? weight / static_cast<double>(outputs - 1) : 0);
  weights.front() = 1;
  return weights;
}

/// Losses of all outputs, weighed and summed, with their derivatives by each.
std::pair<at::Tensor, std::vector<at::Tensor>> weigh_losses(const std::vector<at::Tensor>& outputs,
                                                            const at::Tensor& labels, AttackLoss kind, double weight) {
  const std::vector<double> weights = output_weights(outputs.size(), weight);
  at::Tensor loss;
  std::vector<at::Tensor> derivatives;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const LossValues values = attack_loss(kind, outputs[i].detach(), labels);
    loss = i == 0 ? values.loss : loss.add(values.loss, weights[i]);
    derivatives.push_back(values.by_logits.mul(weights[i]));
  }
  return {loss, derivatives};
}

}  // namespace

InputGradient joint_input_gradient(const DifferentiableOutputs& outputs, const at::Tensor& images,
                                   const at::Tensor& labels, AttackLoss kind, double weight) {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const std::vector<at::Tensor> recorded = outputs(leaf);
  const auto [loss, derivatives] = weigh_losses(recorded, labels, kind, weight);
  const at::Tensor gradient = torch::autograd::grad(recorded, {leaf}, derivatives).front();
  return {recorded.front().detach(), loss, gradient};
}

at::Tensor joint_loss(const DifferentiableOutputs& outputs, const at::Tensor& images, const at::Tensor& labels,
                      AttackLoss kind, double weight) {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(false);
  return weigh_losses(outputs(images), labels, kind, weight).first;
}

InputGradient input_gradient(const DifferentiableClassifier& logits, const at::Tensor& images, const at::Tensor& labels,
                             AttackLoss kind) {
  return input_gradient(logits, images, [&](const at::Tensor& values) { return attack_loss(kind, values, labels); });
}

InputGradient input_gradient(const DifferentiableClassifier& logits, const at::Tensor& images,
                             const LossOfLogits& loss) {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const at::Tensor recorded = logits(leaf);
  InputGradient result;
  result.logits = recorded.detach();
  LossValues values = loss(result.logits);
  result.loss = std::move(values.loss);
  result.gradient = backward(recorded, leaf, values.by_logits);
  if (!result.gradient.defined())
    throw UsageError(std::string("the model under attack cannot be differentiated: ") + kNoGradient +
                     "; attack another model, or export this one without detach and no_grad");
  return result;
}

at::Tensor plain_logits(const DifferentiableClassifier& logits, const at::Tensor& images) {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(false);
  return logits(images);
}

std::string why_not_attackable(const DifferentiableClassifier& logits, const at::Tensor& images) {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = images.detach().requires_grad_(true);
  try {
    const at::Tensor recorded = logits(leaf);
    return backward(recorded, leaf, recorded.detach()).defined() ? "" : kNoGradient;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return "the backward pass fails: " + text.substr(0, text.find('\n'));
  }
}

}  // namespace cuebench
