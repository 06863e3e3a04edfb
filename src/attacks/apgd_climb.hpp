#pragma once
// Auto-PGD (Croce and Hein 2020): gradient ascent with momentum whose step size every image settles for itself.

#include <vector>

#include "input_gradient.hpp"
#include "perturbation_ball.hpp"

namespace cuebench {

struct ApgdOptions {
  Norm norm = Norm::linf;
  double epsilon = 0;
  int steps = 100;
  double rho = 0.75;  ///< share of steps that must raise the loss for the step size to stay
  /// Whether the climb ends once every image is fooled; the points that are returned as fooled are the same.
  bool stop_when_fooled = true;
};

/// What a climb from `start` found, image by image.
struct ApgdClimb {
  at::Tensor highest, highest_loss;  ///< the point of largest loss, start included, of equal ones the earliest
  at::Tensor first_fooled;           ///< the first point that is not classified right, start included
  at::Tensor fooled;                 ///< whether there is one
  at::Tensor step_size;              ///< after the last step, [N, 1, 1, 1]
};

/// After which steps the step size may be halved: the first window is 0.22 of all steps, each of the following 0.03
/// shorter, down to 0.06.
std::vector<int> apgd_checkpoints(int steps);

/// `images` and `start` [N, C, H, W], `labels` [N] int64; `loss` of these images' logits. steps + 1 forward and
/// backward passes.
ApgdClimb apgd_climb(const ApgdOptions& options, const DifferentiableClassifier& logits, const at::Tensor& images,
                     const at::Tensor& labels, const at::Tensor& start, const LossOfLogits& loss);

}  // namespace cuebench
