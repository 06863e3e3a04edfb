#include "mask_fill.hpp"

#include <algorithm>

namespace cuebench {

Image fill_mask(const Plane& mask, int threshold, Colour foreground, Colour background) {
  Image result(mask.height, mask.width);
  std::uint8_t* out = result.pixels.data();
  for (const std::uint8_t value : mask.pixels)
    out = std::copy_n((value >= threshold ? foreground : background).data(), Image::kChannels, out);
  return result;
}

Image fill_mask(const Plane& mask, int threshold, const Image& texture, Colour background) {
  Image result = texture;
  std::uint8_t* out = result.pixels.data();
  for (const std::uint8_t value : mask.pixels) {
    if (value < threshold) std::copy_n(background.data(), Image::kChannels, out);
    out += Image::kChannels;
  }
  return result;
}

}  // namespace cuebench
