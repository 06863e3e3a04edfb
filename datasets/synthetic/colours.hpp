#pragma once
// Random colours. Nothing here knows a class.

#include <array>

#include <cuebench/core/random.hpp>

#include "field.hpp"

namespace cuebench::synthetic {

/// Red, green, blue; pixel values have the range [0, 1].
using Colour = std::array<float, 3>;

/// A picture as three fields.
using Picture = std::array<Field, 3>;

/// A mid grey with a tint: each channel in [0.42, 0.58].
Colour draw_middle(RandomStream& random);

/// A direction of contrast with a root mean square of 1 over the channels: mostly light against dark, either way, with
/// some change of hue, as the contrasts of photographs are.
Colour draw_direction(RandomStream& random);

}  // namespace cuebench::synthetic
