#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "perturbation_ball.hpp"

#include <ATen/ops/add.h>

namespace cuebench {
namespace {

/// Keeps 0 / 0 out of the projection of a point that did not move.
constexpr double kSmallestDistance = 1e-12;
/// Its reciprocal is still a finite float32.
constexpr double kSmallestLength = 1e-38;

}  // namespace

at::Tensor image_norms(const at::Tensor& images) {
  return images.flatten(1).norm(2, {1}, /*keepdim=*/false, at::kDouble).view({-1, 1, 1, 1});
}

at::Tensor steepest_direction(Norm norm, const at::Tensor& gradient) {
  if (norm == Norm::linf) return gradient.sign();
  const at::Tensor scale = image_norms(gradient).clamp_min_(kSmallestLength).reciprocal_();
  return gradient.mul(scale.to(gradient.scalar_type()));
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
  return project_offset(gradient.mul(scale).add_(points).sub_(centre_));
}

at::Tensor PerturbationBall::project(const at::Tensor& points) const {
  return norm_ == Norm::linf ? points.clamp(low_, high_) : project_offset(points.sub(centre_));
}

at::Tensor PerturbationBall::project_offset(at::Tensor moved) const {
  const at::Tensor distance = image_norms(moved).clamp_min_(kSmallestDistance);
  moved.mul_(distance.reciprocal_().mul_(epsilon_).clamp_max_(1).to(moved.scalar_type()));
  return moved.add_(centre_).clamp_(0, 1);
}

}  // namespace cuebench
