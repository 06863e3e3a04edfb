#pragma once
// Encoding to PNG (own filters, libdeflate), JPEG (libjpeg-turbo) and WebP.

#include <cstddef>
#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Lossless 8-bit RGB PNG. Level 1..12 of libdeflate; 1 is the default since higher ones buy little on photographs.
std::vector<std::byte> encode_png(const Image& image, int level = 1);
/// quality 1..100; 4:4:4 unless `subsample` (then 4:2:0).
std::vector<std::byte> encode_jpeg(const Image& image, int quality, bool subsample = false);
/// Lossless WebP.
std::vector<std::byte> encode_webp(const Image& image);

}  // namespace cuebench
