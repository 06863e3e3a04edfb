#include "patch_grid.hpp"

#include <algorithm>

namespace cuebench {

Image permute_cells(const Image& image, int k, std::span<const int> permutation, Remainder remainder) {
  const int cell_height = image.height / k, cell_width = image.width / k;
  Image result;
  if (remainder == Remainder::keep) {
    result = image;
  } else {
    result = Image(cell_height * k, cell_width * k);
  }
  const std::size_t bytes = std::size_t(cell_width) * Image::kChannels;
  for (int cell = 0; cell < k * k; ++cell) {
    const int from = permutation[cell];
    const std::size_t to_column = (cell % k) * bytes, from_column = (from % k) * bytes;
    for (int y = 0; y < cell_height; ++y) {
      const std::uint8_t* source = image.row(from / k * cell_height + y) + from_column;
      std::copy_n(source, bytes, result.row(cell / k * cell_height + y) + to_column);
    }
  }
  return result;
}

std::vector<int> column_wise(std::span<const int> permutation, int k) {
  std::vector<int> result(permutation.size());
  for (int row = 0; row < k; ++row)
    for (int column = 0; column < k; ++column) result[row * k + column] = permutation[column * k + row];
  return result;
}

}  // namespace cuebench
