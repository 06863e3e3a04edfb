#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "decode_opencv.hpp"
#include "formats.hpp"
#include "tiff_directory.hpp"
#include "tiff_errors.hpp"

namespace cuebench {
namespace {

enum Tag : std::uint32_t {
  kImageWidth = 256,
  kImageLength = 257,
  kBitsPerSample = 258,
  kPhotometricInterpretation = 262,
  kOrientation = 274,
  kSamplesPerPixel = 277,
  kTileWidth = 322,
  kTileLength = 323,
  kExtraSamples = 338,
  kSampleFormat = 339,
};

/// What OpenCV would turn into a picture that nobody means: floats cut to bytes, 32-bit counts.
void check_samples(const TiffDirectory& directory) {
  const std::uint32_t bits = tiff_value(directory, kBitsPerSample, 1);
  if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16) {
    throw ImageError("unsupported TIFF: " + std::to_string(bits) + "-bit samples");
  }
  if (tiff_value(directory, kSampleFormat, 1) != 1) {
    throw ImageError("unsupported TIFF: samples that are no unsigned integers");
  }
  constexpr std::array<std::uint32_t, 6> kColourSpaces = {0, 1, 2, 3, 5, 6};  // grey, RGB, palette, CMYK, YCbCr
  const std::uint32_t space = tiff_value(directory, kPhotometricInterpretation, 1);
  if (std::find(kColourSpaces.begin(), kColourSpaces.end(), space) == kColourSpaces.end()) {
    throw ImageError("unsupported TIFF: colour space " + std::to_string(space));
  }
}

constexpr std::uint32_t kAssociatedAlpha = 1, kUnassociatedAlpha = 2;

/// libtiff multiplies colours by an unassociated alpha; Pillow's RGB, and so ours, drops it. A copy of the file that
/// calls the alpha associated makes libtiff leave the colours alone.
std::vector<std::uint8_t> with_alpha_called_associated(const ByteView& file, const TiffField& extra_samples) {
  std::vector<std::uint8_t> copy(file.data(), file.data() + file.size());
  for (std::size_t i = 0; i < 2; ++i) {
    std::uint8_t& byte = copy[extra_samples.at + i];
    if (byte == kUnassociatedAlpha) byte = kAssociatedAlpha;
  }
  return copy;
}

}  // namespace

Decoded decode_tiff(const ByteView& file, const DecodeOptions& options) {
  const TiffDirectory directory = read_tiff_directory(file);
  const std::uint32_t width = tiff_value(directory, kImageWidth, 0), height = tiff_value(directory, kImageLength, 0);
  check_size("TIFF", height, width, options);
  check_samples(directory);
  // A tile is allocated whole; no writer makes one much larger than the picture.
  constexpr std::uint32_t kSlack = 4096;
  if (tiff_value(directory, kTileWidth, 0) > width + kSlack ||
      tiff_value(directory, kTileLength, 0) > height + kSlack) {
    throw ImageError("corrupt TIFF: tiles larger than the picture");
  }
  Decoded decoded;
  const std::uint32_t orientation = tiff_value(directory, kOrientation, 1);
  decoded.orientation = orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  std::vector<std::uint8_t> patched;
  ByteView bytes = file;
  const std::uint32_t extra = tiff_value(directory, kExtraSamples, 0);
  const Alpha alpha = extra == kAssociatedAlpha && tiff_value(directory, kSamplesPerPixel, 1) == 4
                          ? Alpha::multiplied_in
                          : Alpha::dropped;
  if (extra == kUnassociatedAlpha) {
    patched = with_alpha_called_associated(file, directory.at(kExtraSamples));
    bytes = ByteView(std::span<const std::uint8_t>(patched));
  }
  const TiffErrors errors;
  try {
    decoded.image = decode_with_opencv("TIFF", bytes, static_cast<int>(height), static_cast<int>(width), alpha);
  } catch (const ImageError&) {
    if (errors.first().empty()) throw;
  }
  if (!errors.first().empty()) throw ImageError("corrupt TIFF: " + errors.first());
  return decoded;
}

}  // namespace cuebench
