#include "../kernels/float_picture.hpp"
#include "../kernels/random_fields.hpp"
#include "../kernels/snowfall.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  const auto& [mean, deviation, zoom, threshold, radius, sigma, own] = parameters;
  const SnowfallOptions options{mean, deviation, zoom, threshold, static_cast<int>(radius), sigma};
  return [options, share = own](const Image& image, RandomStream& random) {
    const ZoomAxis rows = zoom_axis(image.height, options.zoom), columns = zoom_axis(image.width, options.zoom);
    const auto flakes = normal_field(random, std::size_t(rows.piece) * columns.piece);
    const double angle = -135 + 90 * random.uniform();
    return truncated_image(snowed_on(unit_picture(image), snowfall(flakes, rows, columns, angle, options), share));
  };
}

}  // namespace

extern constinit const CorruptionInfo snow_corruption = {
    .name = "snow",
    .formula =
        "c7 x + (1 - c7) max(x, 1.5 grey + .5) + s + s turned by 180 degrees; s: N(c1, c2) enlarged by c3, below c4 "
        "set to 0, cut to bytes, motion blur of radius c5 and sigma c6 at an angle uniform on (-135, -45) degrees",
    .random = true,
    .differs = "ImageMagick's motion blur written anew",
    .imagenet = {{{.1, .3, 3, .5, 10, 4, .8},
                  {.2, .3, 2, .5, 12, 4, .7},
                  {.55, .3, 4, .9, 12, 8, .7},
                  {.55, .3, 4.5, .85, 12, 8, .65},
                  {.55, .3, 2.5, .85, 12, 12, .55}}},
    .cifar = {{{.1, .2, 1, .6, 8, 3, .95},
               {.1, .2, 1, .5, 10, 4, .9},
               {.15, .3, 1.75, .55, 10, 4, .9},
               {.25, .3, 2.25, .6, 12, 6, .85},
               {.3, .3, 1.25, .65, 14, 12, .8}}},
    .tiny = {{{.1, .2, 1, .6, 8, 3, .8},
              {.1, .2, 1, .5, 10, 4, .8},
              {.15, .3, 1.75, .55, 10, 4, .7},
              {.25, .3, 2.25, .6, 12, 6, .65},
              {.3, .3, 1.25, .65, 14, 12, .6}}},
    .make = make,
};

}  // namespace cuebench
