#pragma once
// Targeted attacks try the classes that follow the label on the given image, the strongest first.

#include <functional>
#include <string>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {

/// The parameter `n_targets`, 9 unless typed.
ParameterSpec target_count_parameter();
/// As AttackInfo::refuses_classes: n_targets must leave the label itself out.
std::string refuse_target_count(const Parameters& parameters, std::int64_t classes);

/// An attack towards `targets` [N], one class for each image. `attempt` counts targets and restarts; it keys what is
/// random.
using TargetedAttack = std::function<at::Tensor(const AttackTarget& target, const at::Tensor& targets, int attempt)>;

/// Every target in turn, each `restarts` times, on the images that are still classified right.
at::Tensor attack_targets(const AttackTarget& target, int n_targets, int restarts, const TargetedAttack& attack);

}  // namespace cuebench
