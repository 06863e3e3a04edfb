#include <algorithm>
#include <vector>

#include "../kernels/float_picture.hpp"
#include "../kernels/random_fields.hpp"
#include "../kernels/spatter_layer.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

cv::Mat1d draw_liquid(RandomStream& random, const Image& image, const SeverityRow& c) {
  const std::vector<float> normal = normal_field(random, std::size_t(image.height) * image.width);
  cv::Mat1d noise(image.height, image.width);
  std::transform(normal.begin(), normal.end(), noise.begin(), [&](float n) { return c[0] + c[1] * double(n); });
  return liquid_layer(noise, c[2], c[3]);
}

/// Adds `amount` of `colour` (bytes) to the picture; where it `covers`, the picture keeps 1 - amount.
void splash(cv::Mat3f& picture, const cv::Mat1f& amount, const cv::Vec3f& colour, bool covers) {
  const cv::Vec3f unit = colour / 255.0F;
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const float a = amount(y, x);
      picture(y, x) = (covers ? 1 - a : 1) * picture(y, x) + a * unit;
    }
}

Corruption make(const SeverityRow& c, CorruptionScale) {
  return [c](const Image& image, RandomStream& random) {
    const cv::Mat1d liquid = draw_liquid(random, image, c);
    cv::Mat3f picture = unit_picture(image);
    if (c[5] == 0)
      splash(picture, water_layer(liquid, c[4]), {175, 238, 238}, /*covers=*/false);
    else
      splash(picture, mud_layer(liquid, c[3], c[4]), {63, 42, 20}, /*covers=*/true);
    return truncated_image(picture);
  };
}

}  // namespace

extern constinit const CorruptionInfo spatter_corruption = {
    .name = "spatter",
    .formula =
        "l: N(c1, c2) smoothed by a Gaussian of c3, below c4 set to 0. Water (c6 = 0): x + w (175, 238, 238)/255, w "
        "the "
        "embossed distance from l's outlines times l, at most c5. Mud (c6 = 1): (1 - m) x + m (63, 42, 20)/255, m = "
        "[l > c4] smoothed by c5, below .8 set to 0",
    .random = true,
    .imagenet = {{{.65, .3, 4, .69, .6, 0},
                  {.65, .3, 3, .68, .6, 0},
                  {.65, .3, 2, .68, .5, 0},
                  {.65, .3, 1, .65, 1.5, 1},
                  {.67, .4, 1, .65, 1.5, 1}}},
    .cifar = {{{.62, .1, .7, .7, .5, 0},
               {.65, .1, .8, .7, .5, 0},
               {.65, .3, 1, .69, .5, 0},
               {.65, .1, .7, .69, .6, 1},
               {.65, .1, .5, .68, .6, 1}}},
    .tiny = {{{.62, .1, .7, .7, .6, 0},
              {.65, .1, .8, .7, .6, 0},
              {.65, .3, 1, .69, .6, 0},
              {.65, .1, .7, .68, .6, 1},
              {.65, .1, .5, .67, .6, 1}}},
    .make = make,
};

}  // namespace cuebench
