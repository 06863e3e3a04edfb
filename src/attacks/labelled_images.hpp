#pragma once
// An attack needs a label to attack: images without one pass unchanged.

#include <cuebench/attacks/attack.hpp>

namespace cuebench {

/// int64, on `device`.
at::Tensor index_tensor(const std::vector<std::int64_t>& values, const at::Device& device);

/// The rows of a target, in the given order.
AttackTarget select_images(const AttackTarget& target, const std::vector<std::int64_t>& rows);

/// Runs `attack` on the images whose label is >= 0.
at::Tensor attack_labelled_images(const AttackTarget& target, const Attack& attack);

}  // namespace cuebench
