#pragma once
// The EXIF orientation: finding it, and turning a picture by it.

#include <cuebench/imaging/image.hpp>

#include "byte_view.hpp"

namespace cuebench {

/// The orientation that an EXIF block (a TIFF file, after "Exif\0\0" if there is one) gives; 1 where it gives none,
/// where the value is not one of 1..8, or where the block makes no sense. Never throws: a bad block leaves the pixels
/// good.
int exif_orientation(const ByteView& block);

/// The picture as it is meant to be seen; as PIL.ImageOps.exif_transpose.
Image apply_orientation(Image image, int orientation);

}  // namespace cuebench
