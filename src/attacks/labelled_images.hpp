#pragma once
// An attack needs a label to attack: images without one pass unchanged.

#include <cuebench/attacks/attack.hpp>

namespace cuebench {

/// Runs `attack` on the images whose label is >= 0.
at::Tensor attack_labelled_images(const AttackTarget& target, const Attack& attack);

}  // namespace cuebench
