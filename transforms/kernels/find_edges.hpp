#pragma once
// Pillow's ImageFilter.FIND_EDGES.

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Per channel 8 x centre - 8 neighbours, clipped to 0..255; the one-pixel border is copied from the input.
Image find_edges(const Image& image);

}  // namespace cuebench
