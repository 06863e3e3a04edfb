#include "colours.hpp"

#include <cmath>

namespace cuebench::synthetic {

Colour draw_middle(RandomStream& random) {
  Colour colour;
  for (float& channel : colour) channel = float(0.42 + 0.16 * random.uniform());
  return colour;
}

Colour draw_direction(RandomStream& random) {
  constexpr double kHue = 0.5;  // spread of the channels about their common part
  const double sign = random.below(2) == 1 ? 1 : -1;
  std::array<double, 3> direction{};
  double squares = 0;
  for (double& channel : direction) {
    channel = sign * (1 + kHue * random.normal());
    squares += channel * channel;
  }
  Colour colour;
  for (std::size_t c = 0; c < 3; ++c) colour[c] = float(direction[c] / std::sqrt(squares / 3));
  return colour;
}

}  // namespace cuebench::synthetic
