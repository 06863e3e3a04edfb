#pragma once
// Decoding through OpenCV imgcodecs, for the formats whose pixels it takes as Pillow does (WebP, TIFF, JPEG 2000).

#include "byte_view.hpp"

#include <cuebench/imaging/image.hpp>

#include <string_view>

namespace cuebench {

/// `height` and `width` are what the file's own header promises; a picture of another size is refused.
/// @throws ImageError when OpenCV cannot decode it. OpenCV's and libtiff's messages are kept off standard error.
Image decode_with_opencv(std::string_view format, const ByteView& file, int height, int width);

}  // namespace cuebench
