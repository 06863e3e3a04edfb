#pragma once
// White-box attacks in a run: every model is attacked with its own gradients, on the classes that the run scores.

#include <span>

#include <ATen/core/Tensor.h>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/imaging/image.hpp>

#include "preparation.hpp"

namespace cuebench {

/// A model's logits in the run's classes as they are scored, up to a constant per image, which no loss of an attack
/// sees: the log of a class's mean probability over its outputs.
at::Tensor map_differentiably(const at::Tensor& logits, const OutputMapping& mapping);

/// Refers to `prepared`, which must outlive it.
DifferentiableClassifier attacked_classifier(const PreparedModel& prepared);

/// Adversarial images for one model. `items` are the run's items of the batch, in order.
at::Tensor attack_batch(const Preparation& run, const PreparedModel& prepared, const PlannedVariant& variant,
                        std::uint64_t seed, const at::Tensor& images, const std::vector<std::size_t>& items);

/// @throws UsageError where attacks are asked for and a model gives no gradient, or no image has a label. Adds a note
/// where some have none.
void check_attacks(Preparation& run);

/// Float [3, H, W] in [0, 1] -> the nearest bytes, for pictures.
Image to_image(const at::Tensor& pixels);

}  // namespace cuebench
