#include "local_moves.hpp"

#include <algorithm>

namespace cuebench {

std::size_t local_moves(int height, int width, int reach) {
  return std::size_t(std::max(0, height - 2 * reach)) * std::max(0, width - 2 * reach);
}

void move_locally(Image& image, int reach, const std::vector<std::uint32_t>& words) {
  const std::uint32_t choices = 2 * reach;
  const std::uint32_t* word = words.data();
  for (int y = image.height - reach; y > reach; --y)
    for (int x = image.width - reach; x > reach; --x, ++word) {
      const int dx = static_cast<int>((*word & 0xffff) * choices >> 16) - reach;
      const int dy = static_cast<int>((*word >> 16) * choices >> 16) - reach;
      std::copy_n(image.row(y + dy) + Image::kChannels * (x + dx), Image::kChannels,
                  image.row(y) + Image::kChannels * x);
    }
}

}  // namespace cuebench
