#include "exif.hpp"

#include <cstring>
#include <string_view>
#include <utility>

#include "tiff_directory.hpp"

namespace cuebench {

int exif_orientation(const ByteView& block) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  constexpr std::uint32_t kOrientationTag = 0x0112;
  try {
    const ByteView tiff = block.has(0, kPrefix) ? block.from(kPrefix.size()) : block;
    const std::uint32_t value = tiff_value(read_tiff_directory(tiff), kOrientationTag, 1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  } catch (const ImageError&) {
    return 1;
  }
}

Image apply_orientation(Image image, int orientation) {
  if (orientation == 1) return image;
  // Orientations 5..8 lie on their side; the rest of the code says which axes of the stored picture run backwards.
  const bool swapped = orientation >= 5;
  const bool flip_rows = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const bool flip_columns = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  Image turned = swapped ? Image(image.width, image.height) : Image(image.height, image.width);
  for (int y = 0; y < turned.height; ++y) {
    std::uint8_t* target = turned.row(y);
    for (int x = 0; x < turned.width; ++x, target += Image::kChannels) {
      // Flips are named for the picture as seen.
      const int seen_y = flip_rows ? turned.height - 1 - y : y;
      const int seen_x = flip_columns ? turned.width - 1 - x : x;
      const std::uint8_t* source =
          swapped ? image.row(seen_x) + std::size_t(seen_y) * 3 : image.row(seen_y) + std::size_t(seen_x) * 3;
      std::memcpy(target, source, Image::kChannels);
    }
  }
  return turned;
}

}  // namespace cuebench
