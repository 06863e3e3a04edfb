#pragma once
// Exact anti-aliasing: the share of each pixel that lies inside an outline, by summed signed areas (as font rasterisers
// do it), not by sampling.

#include "field.hpp"
#include "geometry.hpp"

namespace cuebench::synthetic {

/// The pixels that `outline` (in pixels, pixel (x, y) covering [x, x+1) x [y, y+1)) can touch in a square of `side`.
Box bounds_of(const Outline& outline, int side);

/// Area of `outline` in each pixel, in [0, 1]; parts outside the square are cut off. Exact where contours do not
/// overlap.
Field coverage_of(const Outline& outline, int side);

}  // namespace cuebench::synthetic
