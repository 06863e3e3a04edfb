#pragma once
// Decoding to 8-bit RGB, bit for bit as Pillow's `Image.open(f).convert("RGB")` wherever that is well defined.

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// A file that cannot be used as an image. `what()` is the reason for bad_images.csv: one line, no path.
class ImageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct DecodeOptions {
  /// Turn the picture as its EXIF orientation says. Off by default: torchvision's ImageFolder does not.
  bool apply_exif_orientation = false;
  /// Refused above this many pixels, before any pixel is allocated.
  std::int64_t max_pixels = 178'956'970;  // Pillow's decompression bomb limit
};

/// Name of the format that the first bytes say: "jpeg", "png", "webp", "bmp", "tiff", "gif", "jp2", "pnm", or "".
std::string_view image_format(std::span<const std::byte> bytes);

/// Decodes by signature, never by file name. Any libjpeg warning is a failure.
/// @throws ImageError with the reason: empty, not an image, unsupported format NAME, truncated, corrupt, too large.
Image decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});

/// Decodes to one channel (Pillow's "L" for colour input); for masks.
Plane decode_plane(std::span<const std::byte> bytes, const DecodeOptions& options = {});

}  // namespace cuebench
