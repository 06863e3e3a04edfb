#pragma once
// Random points near the images, keyed by seed, item, variant and restart: neither batch nor thread matters.

#include <cuebench/attacks/attack.hpp>

#include "perturbation_ball.hpp"

namespace cuebench {

/// linf: uniform in [-epsilon, epsilon] per value; l2: a normal direction of length epsilon. Clipped to [0, 1].
/// The restarts 0, 1, ... draw independently.
at::Tensor random_start(const AttackTarget& target, Norm norm, double epsilon, int restart);

/// At epsilon from the images before the box clips. linf: uniform values, scaled by the largest of the image; l2: as
/// above. What Auto-PGD and FAB start from.
at::Tensor random_boundary_start(const AttackTarget& target, Norm norm, double epsilon, int restart);

}  // namespace cuebench
