#pragma once
// Rotation by right angles.

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Counter-clockwise by 0, 90, 180 or 270 degrees; 90 and 270 exchange height and width.
Image rotated(const Image& image, int degrees);

}  // namespace cuebench
