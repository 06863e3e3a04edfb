#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "../kernels/frost_picture.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

/// How much the source shrinks its photographs.
double shrunk_to(CorruptionScale scale) {
  switch (scale) {
    case CorruptionScale::cifar:
      return 0.2;
    case CorruptionScale::tiny:
      return 0.3;
    case CorruptionScale::imagenet:
      break;
  }
  return 1;
}

using ByteProducts = std::array<double, 256>;

ByteProducts products_with(double factor) {
  ByteProducts products;
  for (int v = 0; v < 256; ++v) products[v] = factor * v;
  return products;
}

Image under_frost(const Image& image, const Image& frost, const ByteProducts& own, const ByteProducts& share) {
  Image frosted(image.height, image.width);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    frosted.pixels[i] =
        static_cast<std::uint8_t>(std::min(static_cast<int>(own[image.pixels[i]] + share[frost.pixels[i]]), 255));
  return frosted;
}

Corruption make(const SeverityRow& parameters, CorruptionScale scale) {
  return [pictures = std::make_shared<const std::vector<Image>>(frost_pictures(shrunk_to(scale))),
          own = products_with(parameters[0]),
          share = products_with(parameters[1])](const Image& image, RandomStream& random) {
    const FrostPlace place = draw_frost_place(random, *pictures, image.height, image.width);
    const Image frost = frost_part((*pictures)[place.picture], place.top, place.left, image.height, image.width);
    return under_frost(image, frost, own, share);
  };
}

}  // namespace

extern constinit const CorruptionInfo frost_corruption = {
    .name = "frost",
    .formula = "c1 x + c2 f, f a random part of one of five pictures of frost",
    .random = true,
    .differs = "drawn frost instead of photographs",
    .imagenet = {{{1, .4}, {.8, .6}, {.7, .7}, {.65, .7}, {.6, .75}}},
    .cifar = {{{1, .2}, {1, .3}, {.9, .4}, {.85, .4}, {.75, .45}}},
    .tiny = {{{1, .3}, {.9, .4}, {.8, .45}, {.75, .5}, {.7, .55}}},
    .make = make,
};

}  // namespace cuebench
