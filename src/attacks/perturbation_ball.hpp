#pragma once
// Where an attack may go: within epsilon of the images, and inside the box [0, 1].

#include <ATen/core/Tensor.h>

namespace cuebench {

enum class Norm { linf, l2 };

/// [N, 1, 1, 1]: the L2 norm of each image, accumulated in double.
at::Tensor image_norms(const at::Tensor& images);

/// The direction in which a loss rises fastest per length of `norm`: sign(g), or g / |g|; 0 where g is 0.
at::Tensor steepest_direction(Norm norm, const at::Tensor& gradient);

class PerturbationBall {
 public:
  /// `epsilon` >= 0, in units of pixels in [0, 1]; `centre` [N, C, H, W] without gradient.
  PerturbationBall(Norm norm, double epsilon, const at::Tensor& centre);

  /// One step up the gradient and back into ball and box. linf: x + size * sign(g), where sign(0) = 0. l2:
  /// x + size * g / (|g| + 1e-10), scaled back to epsilon, then clipped (the order of MadryLab/robustness); an image
  /// with |g| = 0 does not move.
  at::Tensor step(const at::Tensor& points, const at::Tensor& gradient, double size) const;

  /// Into the ball, then into the box.
  at::Tensor project(const at::Tensor& points) const;

 private:
  at::Tensor project_offset(at::Tensor moved) const;

  Norm norm_;
  double epsilon_;
  at::Tensor centre_;
  at::Tensor low_, high_;  ///< linf: ball and box at once
};

}  // namespace cuebench
