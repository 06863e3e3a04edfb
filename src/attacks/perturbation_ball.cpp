#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "perturbation_ball.hpp"

#include <ATen/ops/add.h>

namespace cuebench {
namespace {

/// Keeps 0 / 0 out of the projection of a point that did not move.
constexpr double kSmallestDistance = 1e-12;

}  // namespace

at::Tensor image_norms(const at::Tensor& images) {
  return images.flatten(1).norm(2, {1}, /*keepdim=*/false, at::kDouble).view({-1, 1, 1, 1});
}

PerturbationBall::PerturbationBall(Norm norm, double epsilon, const at::Tensor& centre)
    : norm_(norm), epsilon_(epsilon), centre_(centre) {
  if (norm_ != Norm::linf) return;
  low_ = at::add(centre_, -epsilon_).clamp_(0, 1);
  high_ = at::add(centre_, epsilon_).clamp_(0, 1);
}

at::Tensor PerturbationBall::step(const at::Tensor& points, const at::Tensor& gradient, double size) const {
  if (norm_ == Norm::linf) return at::add(points, gradient.sign(), size).clamp_(low_, high_);
  const at::Tensor scale = image_norms(gradient).add_(1e-10).reciprocal_().mul_(size).to(points.scalar_type());
  at::Tensor moved = gradient.mul(scale).add_(points).sub_(centre_);
  const at::Tensor distance = image_norms(moved).clamp_min_(kSmallestDistance);
  moved.mul_(distance.reciprocal_().mul_(epsilon_).clamp_max_(1).to(points.scalar_type()));
  return moved.add_(centre_).clamp_(0, 1);
}

}  // namespace cuebench
