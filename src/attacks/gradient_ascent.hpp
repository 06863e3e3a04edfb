#pragma once
// Projected gradient ascent on every image's own loss: the engine of fgsm and pgd.

#include <cuebench/attacks/attack.hpp>

#include "attack_loss.hpp"
#include "perturbation_ball.hpp"

namespace cuebench {

/// Which point of a climb is the result.
enum class Keep {
  last,           ///< the one after the last step
  best_loss,      ///< the one of largest loss, the start and the last one included; of equal ones the earliest
  first_success,  ///< the first that the model does not classify right, start included; else the last one
};

struct AscentOptions {
  Norm norm = Norm::linf;
  double epsilon = 0, step_size = 0;
  int steps = 1;
  bool random_start = false;
  /// Independent climbs. Of their results the one of largest loss is kept, the earliest of equal ones; under
  /// first_success a fooled one before all others.
  int restarts = 1;
  Keep keep = Keep::last;
  AttackLoss loss = AttackLoss::cross_entropy;
};

/// `steps` forward and backward passes a restart, and one forward pass more where the last point's loss is asked for.
at::Tensor gradient_ascent(const AscentOptions& options, const AttackTarget& target);

}  // namespace cuebench
