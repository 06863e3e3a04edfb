#pragma once
// Exact contrasts: fields brought to mean 0 and standard deviation 1 under weights.

#include "field.hpp"

namespace cuebench::synthetic {

/// Within `box`: subtracts the weighted mean and divides by the weighted standard deviation. A field without any
/// variation becomes 0.
void standardise(Field& field, const Field& weights, const Box& box);

}  // namespace cuebench::synthetic
