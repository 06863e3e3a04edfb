#include <algorithm>
#include <vector>

#include "../kernels/elastic_map.hpp"
#include "../kernels/float_picture.hpp"
#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

/// Uniform on (-1, 1).
cv::Mat1f draw_field(RandomStream& random, int height, int width) {
  const std::vector<double> uniform = uniform_field(random, std::size_t(height) * width);
  cv::Mat1f field(height, width);
  std::transform(uniform.begin(), uniform.end(), field.begin(), [](double u) { return float(2 * u - 1); });
  return field;
}

Corruption make(const SeverityRow& parameters, CorruptionScale scale) {
  const auto [strength, smoothness, affine, unused_1, unused_2, unused_3, unused_4] = parameters;
  // The source writes 244 where it means 224; kept, since the published images have it.
  const double unit = scale == CorruptionScale::imagenet ? 244.0 / 224 : 1;
  return [=](const Image& image, RandomStream& random) {
    const double size = unit * std::min(image.height, image.width);
    AffineJitter jitter;
    for (float& move : jitter) move = static_cast<float>(affine * size * (2 * random.uniform() - 1));
    const cv::Mat1f noise_x = draw_field(random, image.height, image.width);
    const cv::Mat1f noise_y = draw_field(random, image.height, image.width);
    return truncated_image(displaced(affine_jittered(unit_picture(image), jitter),
                                     smooth_displacement(noise_y, smoothness * size, strength * size),
                                     smooth_displacement(noise_x, smoothness * size, strength * size)));
  };
}

}  // namespace

extern constinit const CorruptionInfo elastic_transform_corruption = {
    .name = "elastic_transform",
    .formula =
        "three points moved by uniform (-c3, c3) give an affine map; then each pixel is taken from (x + dx, y + dy), "
        "uniform (-1, 1) smoothed by a Gaussian of c2, times c1; lengths in units of the shorter side (times 244/224 "
        "in the imagenet table)",
    .random = true,
    .imagenet = {{{2, .7, .1}, {2, .08, .2}, {.05, .01, .02}, {.07, .01, .02}, {.12, .01, .02}}},
    .cifar = {{{0, 0, .08}, {.05, .2, .07}, {.08, .06, .06}, {.1, .04, .05}, {.1, .03, .03}}},
    .tiny = {{{0, 0, .08}, {.05, .3, .06}, {.1, .08, .06}, {.1, .03, .03}, {.16, .03, .02}}},
    .make = make,
};

}  // namespace cuebench
