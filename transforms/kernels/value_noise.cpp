#include "value_noise.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cuebench {

Image with_value_noise(const Image& image, double scale, std::span<const float> noise) {
  Image result(image.height, image.width);
  const auto levels = static_cast<float>(255 * scale);
  const std::uint8_t* in = image.pixels.data();
  std::uint8_t* out = result.pixels.data();
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const float level = std::clamp(static_cast<float>(in[i]) + levels * noise[i], 0.F, 255.F);
    out[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(level + 0.5F));
  }
  return result;
}

}  // namespace cuebench
