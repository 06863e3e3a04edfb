#include "decode_opencv.hpp"
#include "formats.hpp"
#include "tiff_directory.hpp"

#include <algorithm>
#include <string>

namespace cuebench {
namespace {

enum Tag : std::uint32_t {
  kImageWidth = 256,
  kImageLength = 257,
  kBitsPerSample = 258,
  kOrientation = 274,
  kTileWidth = 322,
  kTileLength = 323,
  kSampleFormat = 339,
};

/// What OpenCV would turn into a picture that nobody means: floats cut to bytes, 32-bit counts.
void check_samples(const TiffDirectory& directory) {
  const std::uint32_t bits = tiff_value(directory, kBitsPerSample, 1);
  if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16) {
    throw ImageError("unsupported TIFF: " + std::to_string(bits) + "-bit samples");
  }
  if (tiff_value(directory, kSampleFormat, 1) != 1) throw ImageError("unsupported TIFF: samples that are no unsigned integers");
}

}  // namespace

Decoded decode_tiff(const ByteView& file, const DecodeOptions& options) {
  const TiffDirectory directory = read_tiff_directory(file);
  const std::uint32_t width = tiff_value(directory, kImageWidth, 0), height = tiff_value(directory, kImageLength, 0);
  check_size("TIFF", height, width, options);
  check_samples(directory);
  // A tile is allocated whole; no writer makes one much larger than the picture.
  constexpr std::uint32_t kSlack = 4096;
  if (tiff_value(directory, kTileWidth, 0) > width + kSlack || tiff_value(directory, kTileLength, 0) > height + kSlack) {
    throw ImageError("corrupt TIFF: tiles larger than the picture");
  }
  Decoded decoded;
  const std::uint32_t orientation = tiff_value(directory, kOrientation, 1);
  decoded.orientation = orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  decoded.image = decode_with_opencv("TIFF", file, static_cast<int>(height), static_cast<int>(width));
  return decoded;
}

}  // namespace cuebench
