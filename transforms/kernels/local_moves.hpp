#pragma once
// The local disorder of ImageNet-C's glass_blur.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Pixels that one pass visits: rows height - reach down to reach + 1, columns alike. 0 for small images.
std::size_t local_moves(int height, int width, int reach);

/// One pass, row by row from the bottom right: each pixel takes the value of its neighbour at (dy, dx), which stays as
/// it is. (The source means to swap the two, but NumPy's views make it a copy.) The lower 16 bits of each word choose
/// dx, the upper ones dy, uniformly from {-reach, ..., reach - 1}. `words`: local_moves(...) of them.
void move_locally(Image& image, int reach, const std::vector<std::uint32_t>& words);

}  // namespace cuebench
