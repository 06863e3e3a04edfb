#pragma once
// Opponent colours (Geirhos et al. 2018): both chromatic axes of a DKL space negated, on the light of their monitor.

#include <array>
#include <cstdint>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// 2 Y - rgb with Y = .258828 R + .607436 G + .133736 B, for shares of light: the matrices of the source in one step.
/// Greys stay; twice is the identity. Not clipped.
std::array<double, 3> opponent_light(const std::array<double, 3>& light);

/// Each pixel to light by kMonitorLight, opponent_light, clipped, and back to the nearest level (the lower of two).
Image opponent_colours(const Image& image);

}  // namespace cuebench
