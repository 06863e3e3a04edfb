#include "diverging_colour.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cuebench {

std::string diverging_colour(double value) {
  if (!std::isfinite(value)) return "";
  const double strength = std::min(1.0, std::abs(value));
  const int red = value > 0 ? 245 : 120, green = value > 0 ? 170 : 175, blue = value > 0 ? 90 : 225;
  const auto mix = [&](int colour) { return static_cast<int>(std::lround(255 + (colour - 255) * strength)); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(red), mix(green), mix(blue));
}

}  // namespace cuebench
