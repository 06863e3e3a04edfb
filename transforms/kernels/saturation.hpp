#pragma once
// AT-CNN's saturation: pulls every channel towards 0 or 1.

#include <array>
#include <cstdint>

namespace cuebench {

/// clip(1/2 + 1/2 sign(2v-1) |2v-1|^(2/p), 0, 1) for v in [0, 1], p in (0, inf]. p = 2 is the identity; sign(0) = 0.
double saturated(double v, double p);

/// The same for every 8-bit value, rounded half up.
std::array<std::uint8_t, 256> saturation_table(double p);

}  // namespace cuebench
