#pragma once
// Decoding through OpenCV imgcodecs, for the formats whose pixels it takes as Pillow does (WebP, TIFF, JPEG 2000).

#include <string_view>

#include <cuebench/imaging/image.hpp>

#include "byte_view.hpp"

namespace cuebench {

enum class Alpha {
  dropped,
  /// The colours have been multiplied by it: they are divided by it again, as Pillow does, then it is dropped.
  multiplied_in
};

/// `height` and `width` are what the file's own header promises; a picture of another size is refused. 16-bit samples
/// keep their high byte, alpha is dropped.
/// @throws ImageError when OpenCV cannot decode it. OpenCV's and libtiff's messages are kept off standard error.
Image decode_with_opencv(std::string_view format, const ByteView& file, int height, int width,
                         Alpha alpha = Alpha::dropped);

}  // namespace cuebench
