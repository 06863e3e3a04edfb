#include "find_edges.hpp"

#include <algorithm>

namespace cuebench {

Image find_edges(const Image& image) {
  Image result = image;
  constexpr int kStep = Image::kChannels;
  for (int y = 1; y + 1 < image.height; ++y) {
    const std::uint8_t *above = image.row(y - 1), *here = image.row(y), *below = image.row(y + 1);
    std::uint8_t* out = result.row(y);
    for (int i = kStep; i + kStep < image.width * kStep; ++i) {
      const int neighbours = above[i - kStep] + above[i] + above[i + kStep] + here[i - kStep] + here[i + kStep] +
                             below[i - kStep] + below[i] + below[i + kStep];
      out[i] = static_cast<std::uint8_t>(std::clamp(8 * here[i] - neighbours, 0, 255));
    }
  }
  return result;
}

}  // namespace cuebench
