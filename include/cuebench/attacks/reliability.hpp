#pragma once
// Signs that a model looks more robust than it is, those that AutoAttack prints as flags (Croce and Hein 2020).

#include <string>
#include <vector>

#include <cuebench/attacks/attack.hpp>

namespace cuebench {

/// One sentence about the model `name` for each sign that a few images show: logits that differ between equal calls,
/// logits that are probabilities, images without gradient (asked for only with `gradient`). Labels below 0 are left
/// out.
std::vector<std::string> reliability_warnings(const std::string& name, const AttackTarget& target, bool gradient);

}  // namespace cuebench
