#include "saturation.hpp"

#include <algorithm>
#include <cmath>

#include "luminance.hpp"

namespace cuebench {

double saturated(double v, double p) {
  const double centred = 2 * v - 1;
  if (centred == 0) return 0.5;
  const double stretched = std::copysign(std::pow(std::abs(centred), 2 / p), centred);
  return std::clamp(0.5 + 0.5 * stretched, 0.0, 1.0);
}

std::array<std::uint8_t, 256> saturation_table(double p) {
  std::array<std::uint8_t, 256> table;
  for (int value = 0; value < 256; ++value) table[value] = round_to_u8(saturated(value / 255.0, p));
  return table;
}

}  // namespace cuebench
