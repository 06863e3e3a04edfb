#pragma once
// No attack may leave ball or box: every batch is checked.

#include <cuebench/attacks/attack.hpp>

namespace cuebench {

/// The attack, with a look at each of its results: shape as given, values in [0, 1], within `epsilon` of the images by
/// `norm` (linf for an attack without that parameter) up to float32 rounding. The result throws RunError otherwise.
Attack within_bounds(std::string_view name, const Parameters& parameters, Attack attack);

}  // namespace cuebench
