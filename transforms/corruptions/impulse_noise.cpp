#include <cmath>

#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  const double c = parameters[0];
  const auto black_below = static_cast<std::uint32_t>(std::lround(c / 2 * 0x1p32));
  const auto changed_below = static_cast<std::uint32_t>(std::lround(c * 0x1p32));
  return [black_below, changed_below](const Image& image, RandomStream& random) {
    Image noisy = image;
    for_each_word(random, noisy.pixels.size(), [&](std::uint32_t word, std::size_t i) {
      if (word < changed_below) noisy.pixels[i] = word < black_below ? 0 : 255;
    });
    return noisy;
  };
}

}  // namespace

extern constinit const CorruptionInfo impulse_noise_corruption = {
    .name = "impulse_noise",
    .formula = "each channel value becomes 0 or 1, equally often, with probability c",
    .random = true,
    .imagenet = {{{.03}, {.06}, {.09}, {.17}, {.27}}},
    .cifar = {{{.01}, {.02}, {.03}, {.05}, {.07}}},
    .tiny = {{{.01}, {.02}, {.05}, {.08}, {.14}}},
    .make = make,
};

}  // namespace cuebench
