#include <algorithm>
#include <array>
#include <cstdint>

#include "corruption.hpp"

namespace cuebench {
namespace {

using ChannelTables = std::array<std::array<std::uint8_t, 256>, Image::kChannels>;

ChannelTables contrast_tables(const Image& image, double c) {
  std::array<std::int64_t, Image::kChannels> sums{};
  for (std::size_t i = 0; i < image.pixels.size(); i += Image::kChannels)
    for (int channel = 0; channel < Image::kChannels; ++channel) sums[channel] += image.pixels[i + channel];
  ChannelTables tables;
  const double count = double(image.height) * image.width;
  for (int channel = 0; channel < Image::kChannels; ++channel) {
    const double mean = static_cast<double>(sums[channel]) / 255.0 / count;
    for (int v = 0; v < 256; ++v)
      tables[channel][v] = static_cast<std::uint8_t>(std::clamp((v / 255.0 - mean) * c + mean, 0.0, 1.0) * 255);
  }
  return tables;
}

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [c = parameters[0]](const Image& image, RandomStream&) {
    const ChannelTables tables = contrast_tables(image, c);
    Image flat(image.height, image.width);
    for (std::size_t i = 0; i < image.pixels.size(); i += Image::kChannels)
      for (int channel = 0; channel < Image::kChannels; ++channel)
        flat.pixels[i + channel] = tables[channel][image.pixels[i + channel]];
    return flat;
  };
}

}  // namespace

extern constinit const CorruptionInfo contrast_corruption = {
    .name = "contrast",
    .formula = "(x - mean) c + mean, mean of each channel",
    .imagenet = {{{.4}, {.3}, {.2}, {.1}, {.05}}},
    .cifar = {{{.75}, {.5}, {.4}, {.3}, {.15}}},
    .tiny = {{{.4}, {.3}, {.2}, {.1}, {.05}}},
    .make = make,
};

}  // namespace cuebench
