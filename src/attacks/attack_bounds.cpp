#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "attack_bounds.hpp"

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

#include "perturbation_ball.hpp"

namespace cuebench {
namespace {

/// Of one value: x + d - x in float32.
constexpr double kRounding = 1e-6;
/// Of the length over an image's values, whose errors add up as their number's root.
constexpr double kLengthRounding = 1e-4;

struct Bounds {
  std::string attack;
  Norm norm;
  double epsilon;
};

void check(const Bounds& bounds, const at::Tensor& images, const at::Tensor& result) {
  const auto refuse = [&](const std::string& what) {
    throw RunError(
        fmt::format("attack {}: {}: its images cannot be scored; this is a defect, please report it with the "
                    "command line",
                    bounds.attack, what));
  };
  if (result.sizes() != images.sizes()) refuse("the result has another shape than the images");
  // Written so that NaN fails too.
  if (!result.ge(0).logical_and(result.le(1)).all().item<bool>()) refuse("a value lies outside [0, 1]");
  const at::Tensor moved = result.to(at::kDouble).sub(images);
  const double distance = (bounds.norm == Norm::l2 ? image_norms(moved) : moved.abs()).max().item<double>();
  const double rounding = bounds.norm == Norm::l2 ? kLengthRounding : kRounding;
  if (!(distance <= bounds.epsilon + rounding))
    refuse(fmt::format("an image is moved by {:.6g}, more than epsilon={:.6g}", distance, bounds.epsilon));
}

}  // namespace

Attack within_bounds(std::string_view name, const Parameters& parameters, Attack attack) {
  const bool l2 = parameters.canonical().find("norm=l2") != std::string::npos;
  const Bounds bounds{std::string(name), l2 ? Norm::l2 : Norm::linf, parameters.real("epsilon")};
  return [bounds, attack = std::move(attack)](const AttackTarget& target) {
    at::Tensor result = attack(target);
    if (target.images.size(0) > 0) check(bounds, target.images, result);
    return result;
  };
}

}  // namespace cuebench
