#pragma once
// Many random numbers at once, each made from 32 random bits.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <cuebench/core/random.hpp>

namespace cuebench {

/// Calls use(word, i) for i in [0, count) with 32 independent bits each, drawn in blocks that stay in the cache.
template <typename Use>
void for_each_word(RandomStream& random, std::size_t count, const Use& use) {
  std::array<std::uint64_t, 512> block;
  for (std::size_t begin = 0; begin < count; begin += 2 * block.size()) {
    const std::size_t words = std::min(2 * block.size(), count - begin);
    random.fill({block.data(), (words + 1) / 2});
    for (std::size_t i = 0; i < words; ++i) use(static_cast<std::uint32_t>(block[i / 2] >> (32 * (i % 2))), begin + i);
  }
}

/// `count` words of 32 independent bits.
std::vector<std::uint32_t> random_words(RandomStream& random, std::size_t count);

/// `count` values (word + 1/2) / 2^32, uniform on (0, 1).
std::vector<double> uniform_field(RandomStream& random, std::size_t count);

/// `count` standard normal values (the ziggurat of Marsaglia and Tsang, Journal of Statistical Software 2000, with 256
/// layers; 8 bits choose the layer, 24 others the place in it).
std::vector<float> normal_field(RandomStream& random, std::size_t count);

}  // namespace cuebench
