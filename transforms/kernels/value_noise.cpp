#include "value_noise.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {

Image with_value_noise(const Image& image, double scale, std::span<const float> noise) {
  Image result(image.height, image.width);
  vectorised(
      [](const std::uint8_t* in, const float* values, std::uint8_t* __restrict out, std::size_t count, float levels)
          CUEBENCH_INLINE_BODY {
            for (std::size_t i = 0; i < count; ++i) {
              const float level = std::min(std::max(static_cast<float>(in[i]) + levels * values[i], 0.F), 255.F);
              out[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(level + 0.5F));
            }
          },
      image.pixels.data(), noise.data(), result.pixels.data(), noise.size(), static_cast<float>(255 * scale));
  return result;
}

}  // namespace cuebench
