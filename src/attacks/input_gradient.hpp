#pragma once
// The derivative of every image's own loss by its pixels: one forward and one backward pass.

#include <cuebench/attacks/attack.hpp>

#include "attack_loss.hpp"

namespace cuebench {

struct InputGradient {
  at::Tensor logits;    ///< [N, classes], detached
  at::Tensor loss;      ///< [N]
  at::Tensor gradient;  ///< as the images
};

/// The sum of the images' losses is differentiated, so that the batch size does not enter.
/// @throws UsageError where the logits do not depend on the images for autograd.
InputGradient input_gradient(const DifferentiableClassifier& logits, const at::Tensor& images, const at::Tensor& labels,
                             AttackLoss kind);

/// A loss of every image by itself, with its derivative by the logits.
using LossOfLogits = std::function<LossValues(const at::Tensor& logits)>;
/// The same for any loss.
InputGradient input_gradient(const DifferentiableClassifier& logits, const at::Tensor& images,
                             const LossOfLogits& loss);

/// The loss of the logits plus `weight` times the mean loss of the probes' logits; `logits` are the network's own.
InputGradient joint_input_gradient(const DifferentiableOutputs& outputs, const at::Tensor& images,
                                   const at::Tensor& labels, AttackLoss kind, double weight);
/// [N]: that loss, without recording anything.
at::Tensor joint_loss(const DifferentiableOutputs& outputs, const at::Tensor& images, const at::Tensor& labels,
                      AttackLoss kind, double weight);

/// Logits without recording anything.
at::Tensor plain_logits(const DifferentiableClassifier& logits, const at::Tensor& images);

}  // namespace cuebench
