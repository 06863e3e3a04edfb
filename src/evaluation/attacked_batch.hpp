#pragma once
// Attacks in a run: every model is attacked by itself, or one for all (against=NAME), on the classes that the run
// scores.

#include <span>

#include <ATen/core/Tensor.h>

#include <cuebench/attacks/attack.hpp>

#include "preparation.hpp"

namespace cuebench {

/// A model's logits in the run's classes as they are scored, up to a constant per image, which no loss of an attack
/// sees: the log of a class's aggregated probability. A class without outputs lies far below all others.
at::Tensor map_differentiably(const at::Tensor& logits, const OutputMapping& mapping);

/// Refers to `prepared`, which must outlive it.
DifferentiableClassifier attacked_classifier(const PreparedModel& prepared);

/// Whose gradients make the images that `scored` sees: its own, or those of the model that the variant names.
const PreparedModel& attacked_model(const Preparation& run, const PlannedVariant& variant, const PreparedModel& scored);

/// Adversarial images for one model, on its device. `items` are the run's items of the batch, in order.
at::Tensor attack_batch(const Preparation& run, const PreparedModel& prepared, const PlannedVariant& variant,
                        std::uint64_t seed, const at::Tensor& images, const std::vector<std::size_t>& items);

/// @throws UsageError where attacks are asked for and a model gives no gradient or has too few classes, `against` names
/// no model of the run or one of another geometry, or no image has a label. Adds a note where some have none, and for
/// each sign on the first images that figures under attack mean little (reliability.hpp).
void check_attacks(Preparation& run, std::uint64_t seed);

/// One note for each model and variant without gradients that fools clearly more images than every variant by gradient
/// of the same epsilon: a sign that gradients are hidden. `store` is complete.
std::vector<std::string> black_box_warnings(const Preparation& run, const RunStore& store);

}  // namespace cuebench
