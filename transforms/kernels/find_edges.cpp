#include "find_edges.hpp"

#include <algorithm>
#include <cstdint>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {

Image find_edges(const Image& image) {
  Image result = image;
  constexpr int kStep = Image::kChannels;
  for (int y = 1; y + 1 < image.height; ++y)
    vectorised(
        [](const std::uint8_t* above, const std::uint8_t* here, const std::uint8_t* below, std::uint8_t* __restrict out,
           int count) CUEBENCH_INLINE_BODY {
          for (int i = kStep; i + kStep < count; ++i) {
            const auto neighbours =
                static_cast<std::int16_t>(above[i - kStep] + above[i] + above[i + kStep] + here[i - kStep] +
                                          here[i + kStep] + below[i - kStep] + below[i] + below[i + kStep]);
            const auto contrast = static_cast<std::int16_t>(8 * here[i] - neighbours);
            out[i] = static_cast<std::uint8_t>(std::min<std::int16_t>(std::max<std::int16_t>(contrast, 0), 255));
          }
        },
        image.row(y - 1), image.row(y), image.row(y + 1), result.row(y), image.width * kStep);
  return result;
}

}  // namespace cuebench
