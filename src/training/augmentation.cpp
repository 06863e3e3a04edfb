#include "augmentation.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>

namespace cuebench {
namespace {

constexpr int kChannels = Image::kChannels;

constexpr std::array<float, 256> make_levels() {
  std::array<float, 256> levels{};
  for (int i = 0; i < 256; ++i) levels[static_cast<std::size_t>(i)] = static_cast<float>(i) / 255.0F;
  return levels;
}
constexpr std::array<float, 256> kLevels = make_levels();

/// How an image is moved: output pixel (y, x) shows input pixel (y + down, x + right), after mirroring.
struct Change {
  bool mirror = false;
  int down = 0, right = 0;
};

Change draw_change(const Augmentation& augmentation, std::uint64_t seed, std::int64_t epoch, std::string_view id) {
  RandomStream stream(seed, id, fmt::format("augmentation of epoch {}", epoch));
  const auto positions = static_cast<std::uint64_t>(2 * augmentation.crop_padding + 1);
  Change change;
  const bool mirror = stream.below(2) == 1;
  change.mirror = augmentation.flip && mirror;
  change.down = static_cast<int>(stream.below(positions)) - augmentation.crop_padding;
  change.right = static_cast<int>(stream.below(positions)) - augmentation.crop_padding;
  return change;
}

void write_row(const std::uint8_t* row, int width, const Change& change, float* out) {
  for (int x = 0; x < width; ++x, out += kChannels) {
    const int moved = x + change.right;
    if (moved < 0 || moved >= width) {
      std::fill(out, out + kChannels, 0.0F);
      continue;
    }
    const std::uint8_t* const pixel = row + kChannels * (change.mirror ? width - 1 - moved : moved);
    for (int c = 0; c < kChannels; ++c) out[c] = kLevels[pixel[c]];
  }
}

}  // namespace

void write_augmented(const ImageSet& images, std::size_t index, const Augmentation& augmentation, std::uint64_t seed,
                     std::int64_t epoch, float* out) {
  if (!augmentation.flip && augmentation.crop_padding == 0) return write_plain(images, index, out);
  const Change change = draw_change(augmentation, seed, epoch, images.ids[index]);
  const std::size_t row_values = std::size_t(images.width) * kChannels;
  for (int y = 0; y < images.height; ++y, out += row_values) {
    const int moved = y + change.down;
    if (moved < 0 || moved >= images.height) {
      std::fill(out, out + row_values, 0.0F);
    } else {
      write_row(images.image(index) + std::size_t(moved) * row_values, images.width, change, out);
    }
  }
}

void write_plain(const ImageSet& images, std::size_t index, float* out) {
  const std::uint8_t* const pixels = images.image(index);
  std::transform(pixels, pixels + images.image_bytes(), out, [](std::uint8_t value) { return kLevels[value]; });
}

}  // namespace cuebench
