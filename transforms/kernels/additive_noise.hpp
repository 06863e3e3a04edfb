#pragma once
// Noise with given random numbers: one for each channel value, in the order of the pixels.

#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// floor(255 clip(x + c n)).
Image with_noise(const Image& image, const std::vector<float>& noise, double c);
/// floor(255 clip(x + c x n)).
Image with_speckle(const Image& image, const std::vector<float>& noise, double c);

}  // namespace cuebench
