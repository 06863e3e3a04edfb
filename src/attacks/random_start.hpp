#pragma once
// Random points near the images, keyed by seed, item, variant and restart: neither batch nor thread matters.

#include <cuebench/attacks/attack.hpp>

#include "perturbation_ball.hpp"

namespace cuebench {

/// linf: uniform in [-epsilon, epsilon] per value; l2: a normal direction of length epsilon. Clipped to [0, 1].
/// The restarts 0, 1, ... draw independently.
at::Tensor random_start(const AttackTarget& target, Norm norm, double epsilon, int restart);

}  // namespace cuebench
