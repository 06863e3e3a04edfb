#pragma once
// One decoder per format, called by decode_image once the signature has told the format.

#include <cstdint>
#include <string_view>

#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/image.hpp>

#include "byte_view.hpp"

namespace cuebench {

struct Decoded {
  Image image;
  /// EXIF orientation, 1..8; 1 where there is none or it makes no sense.
  int orientation = 1;
};

Decoded decode_jpeg(const ByteView& file, const DecodeOptions& options);
Decoded decode_png(const ByteView& file, const DecodeOptions& options);
Decoded decode_bmp(const ByteView& file, const DecodeOptions& options);
Decoded decode_pnm(const ByteView& file, const DecodeOptions& options);
Decoded decode_webp(const ByteView& file, const DecodeOptions& options);
Decoded decode_tiff(const ByteView& file, const DecodeOptions& options);
Decoded decode_jp2(const ByteView& file, const DecodeOptions& options);

/// @throws ImageError when a side is 0 or there are more than options.max_pixels pixels.
void check_size(std::string_view format, std::int64_t height, std::int64_t width, const DecodeOptions& options);

}  // namespace cuebench
