#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "random_start.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include <ATen/ops/empty.h>

#include <cuebench/core/random.hpp>

namespace cuebench {
namespace {

void fill_uniform(std::span<double> noise, double epsilon, RandomStream& stream) {
  for (double& value : noise) value = epsilon * (2 * stream.uniform() - 1);
}

void fill_sphere(std::span<double> noise, double epsilon, RandomStream& stream) {
  double squares = 0;
  for (double& value : noise) {
    value = stream.normal();
    squares += value * value;
  }
  const double scale = epsilon / std::sqrt(squares);
  for (double& value : noise) value *= scale;
}

void fill_cube_surface(std::span<double> noise, double epsilon, RandomStream& stream) {
  double largest = 0;
  for (double& value : noise) {
    value = 2 * stream.uniform() - 1;
    largest = std::max(largest, std::abs(value));
  }
  for (double& value : noise) value *= epsilon / largest;
}

using Fill = void (*)(std::span<double> noise, double epsilon, RandomStream& stream);

at::Tensor start_with(Fill fill, const AttackTarget& target, double epsilon, int restart) {
  const at::Tensor& images = target.images;
  if (target.item_ids.size() != static_cast<std::size_t>(images.size(0)))
    throw std::invalid_argument("an attack with a random start needs one item id per image");
  std::string purpose(target.variant);
  if (restart > 0) purpose += "#" + std::to_string(restart);
  at::Tensor noise = at::empty(images.sizes(), at::kDouble);
  const auto values = static_cast<std::size_t>(noise.numel() / images.size(0));
  double* image = noise.data_ptr<double>();
  for (const std::string_view item : target.item_ids) {
    RandomStream stream(target.seed, item, purpose);
    fill({image, values}, epsilon, stream);
    image += values;
  }
  return noise.to(images.options()).add_(images).clamp_(0, 1);
}

}  // namespace

at::Tensor random_start(const AttackTarget& target, Norm norm, double epsilon, int restart) {
  return start_with(norm == Norm::linf ? fill_uniform : fill_sphere, target, epsilon, restart);
}

at::Tensor random_boundary_start(const AttackTarget& target, Norm norm, double epsilon, int restart) {
  return start_with(norm == Norm::linf ? fill_cube_surface : fill_sphere, target, epsilon, restart);
}

}  // namespace cuebench
