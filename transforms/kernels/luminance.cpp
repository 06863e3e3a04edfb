#include "luminance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {
cv::Mat1d grey709_plane(const Image& image) {
  cv::Mat1d grey(image.height, image.width);
  vectorised(
      [](const std::uint8_t* in, double* __restrict out, std::size_t count) CUEBENCH_INLINE_BODY {
        for (std::size_t i = 0; i < count; ++i)
          out[i] = (0.2125 * in[3 * i] + 0.7154 * in[3 * i + 1] + 0.0721 * in[3 * i + 2]) / 255;
      },
      image.pixels.data(), grey[0], grey.total());
  return grey;
}

cv::Mat1f grey709_plane_float(const Image& image) {
  cv::Mat1f grey(image.height, image.width);
  vectorised(
      [](const std::uint8_t* in, float* __restrict out, std::size_t count) CUEBENCH_INLINE_BODY {
        // Whole numbers below 2^24, which single precision holds.
        for (std::size_t i = 0; i < count; ++i)
          out[i] = static_cast<float>(2125 * in[3 * i] + 7154 * in[3 * i + 1] + 721 * in[3 * i + 2]) * (1 / 2550000.F);
      },
      image.pixels.data(), grey[0], grey.total());
  return grey;
}

std::uint8_t round_to_u8(double v) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(255.0 * v + 0.5), 0.0, 255.0));
}

}  // namespace cuebench
