#pragma once
// Additive noise on every channel of every pixel.

#include <span>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// floor(255 clip(v + scale * noise) + .5) for v = byte / 255; `noise` holds one value for each byte of the image.
Image with_value_noise(const Image& image, double scale, std::span<const float> noise);

}  // namespace cuebench
