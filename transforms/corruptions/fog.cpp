#include <algorithm>
#include <bit>

#include "../kernels/float_picture.hpp"
#include "../kernels/plasma_fractal.hpp"
#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

/// 256 for 224 pixels, 32 for 32, 64 for 64, 512 for 299: the sides of the source.
int plasma_side(const Image& image) {
  return static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::max({image.height, image.width, 2}))));
}

cv::Mat3f in_fog(cv::Mat3f picture, const cv::Mat1f& plasma, double amount, double brightest) {
  const auto a = static_cast<float>(amount), scale = static_cast<float>(brightest / (brightest + amount));
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      for (int c = 0; c < 3; ++c) picture(y, x)[c] = (picture(y, x)[c] + a * plasma(y, x)) * scale;
  return picture;
}

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [amount = parameters[0], decay = parameters[1]](const Image& image, RandomStream& random) {
    const int side = plasma_side(image);
    const cv::Mat1f plasma = plasma_fractal(side, decay, uniform_field(random, plasma_draws(side)));
    const double brightest = *std::max_element(image.pixels.begin(), image.pixels.end()) / 255.0;
    return truncated_image(in_fog(unit_picture(image), plasma, amount, brightest));
  };
}

}  // namespace

extern constinit const CorruptionInfo fog_corruption = {
    .name = "fog",
    .formula = "(x + c1 p) m / (m + c1), m = max x, p a plasma fractal in [0, 1] whose roughness falls by c2",
    .random = true,
    .imagenet = {{{1.5, 2}, {2, 2}, {2.5, 1.7}, {2.5, 1.5}, {3, 1.4}}},
    .cifar = {{{.2, 3}, {.5, 3}, {.75, 2.5}, {1, 2}, {1.5, 1.75}}},
    .tiny = {{{.4, 3}, {.7, 3}, {1, 2.5}, {1.5, 2}, {2, 1.75}}},
    .make = make,
};

}  // namespace cuebench
