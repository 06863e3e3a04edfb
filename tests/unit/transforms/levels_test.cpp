// The fast forms of look-ups and greys against their definitions, for every value that they can meet.

#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "transforms/kernels/byte_table.hpp"
#include "transforms/kernels/grey_levels.hpp"
#include "transforms/kernels/luminance.hpp"

namespace cuebench {
namespace {

TEST(ByteTable, LooksUpEveryValueAtEveryLength) {
  ByteTable table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::uint8_t>(i * i + 37 * i + 11);
  for (std::size_t length = 0; length < 600; ++length) {
    std::vector<std::uint8_t> in(length), out(length);
    std::iota(in.begin(), in.end(), static_cast<std::uint8_t>(length));
    apply_table(table, in, out);
    for (std::size_t i = 0; i < length; ++i) ASSERT_EQ(out[i], table[in[i]]) << length << " " << i;
  }
}

TEST(GreyLevels, AllSixteenMillionColoursAreRoundedAsDefined) {
  constexpr int kSide = 4096;
  Image colours(kSide, kSide);
  for (int i = 0; i < kSide * kSide; ++i) {
    std::uint8_t* rgb = colours.pixels.data() + 3 * std::size_t(i);
    rgb[0] = static_cast<std::uint8_t>(i), rgb[1] = static_cast<std::uint8_t>(i >> 8),
    rgb[2] = static_cast<std::uint8_t>(i >> 16);
  }
  const Image nearest = grey709_image(colours, Rounding::nearest), down = grey709_image(colours, Rounding::down),
              pillow = grey601_image(colours);
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < colours.pixels.size(); i += 3) {
    const std::uint8_t* rgb = colours.pixels.data() + i;
    for (std::size_t c = i; c < i + 3; ++c)
      wrong += nearest.pixels[c] != grey709(rgb[0], rgb[1], rgb[2]) || down.pixels[c] != grey709_units(rgb) / 10000 ||
               pillow.pixels[c] != grey601(rgb[0], rgb[1], rgb[2]);
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cuebench
