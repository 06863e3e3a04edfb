#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "random_start.hpp"

#include <algorithm>
#include <cmath>
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

}  // namespace

at::Tensor random_start(const AttackTarget& target, Norm norm, double epsilon, int restart) {
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
    if (norm == Norm::linf)
      fill_uniform({image, values}, epsilon, stream);
    else
      fill_sphere({image, values}, epsilon, stream);
    image += values;
  }
  return noise.to(images.options()).add_(images).clamp_(0, 1);
}

}  // namespace cuebench
