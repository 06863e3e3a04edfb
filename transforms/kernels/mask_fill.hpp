#pragma once
// Painting by a mask: silhouettes and filled silhouettes.

#include <array>
#include <cstdint>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

using Colour = std::array<std::uint8_t, 3>;

/// `foreground` where mask >= threshold, else `background`.
Image fill_mask(const Plane& mask, int threshold, Colour foreground, Colour background);

/// The pixel of `texture` (same size as the mask) where mask >= threshold, else `background`.
Image fill_mask(const Plane& mask, int threshold, const Image& texture, Colour background);

}  // namespace cuebench
