#include <algorithm>

#include <cuebench/imaging/resize.hpp>

#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [c = parameters[0]](const Image& image, RandomStream&) {
    const int height = std::max(1, static_cast<int>(image.height * c));
    const int width = std::max(1, static_cast<int>(image.width * c));
    return resize(resize(image, height, width, Resampling::box), image.height, image.width, Resampling::box);
  };
}

}  // namespace

extern constinit const CorruptionInfo pixelate_corruption = {
    .name = "pixelate",
    .formula = "Pillow's box filter to floor(c side), at least 1, and back",
    .imagenet = {{{.6}, {.5}, {.4}, {.3}, {.25}}},
    .cifar = {{{.95}, {.9}, {.85}, {.75}, {.65}}},
    .tiny = {{{.9}, {.8}, {.7}, {.6}, {.5}}},
    .make = make,
};

}  // namespace cuebench
