#include "../kernels/float_picture.hpp"
#include "../kernels/gaussian.hpp"
#include "../kernels/local_moves.hpp"
#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Image blurred(const Image& image, double sigma) {
  return truncated_image(gaussian_filtered(unit_picture(image), sigma, Border::repeated));
}

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [sigma = parameters[0], reach = static_cast<int>(parameters[1]), rounds = static_cast<int>(parameters[2])](
             const Image& image, RandomStream& random) {
    Image moved = blurred(image, sigma);
    for (int i = 0; i < rounds; ++i)
      move_locally(moved, reach, random_words(random, local_moves(image.height, image.width, reach)));
    return blurred(moved, sigma);
  };
}

}  // namespace

extern constinit const CorruptionInfo glass_blur_corruption = {
    .name = "glass_blur",
    .formula =
        "Gaussian blur of c1, cut to bytes; c3 times, from the bottom right, each pixel takes the value of the one at "
        "(dy, dx), both uniform on {-c2, ..., c2 - 1}; Gaussian blur of c1",
    .random = true,
    .imagenet = {{{.7, 1, 2}, {.9, 2, 1}, {1, 2, 3}, {1.1, 3, 2}, {1.5, 4, 2}}},
    .cifar = {{{.05, 1, 1}, {.25, 1, 1}, {.4, 1, 1}, {.25, 1, 2}, {.4, 1, 2}}},
    .tiny = {{{.1, 1, 1}, {.5, 1, 1}, {.6, 1, 2}, {.7, 2, 1}, {.9, 2, 2}}},
    .make = make,
};

}  // namespace cuebench
