#include "../kernels/motion_blur.hpp"

#include "../kernels/mat_view.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [radius = static_cast<int>(parameters[0]), sigma = parameters[1]](const Image& image, RandomStream& random) {
    const double angle = -45 + 90 * random.uniform();
    Image blurred(image.height, image.width);
    motion_blurred(view(image), motion_taps(radius, sigma, angle)).copyTo(view(blurred));
    return blurred;
  };
}

}  // namespace

extern constinit const CorruptionInfo motion_blur_corruption = {
    .name = "motion_blur",
    .formula =
        "ImageMagick's motion blur of radius c1 and sigma c2 at an angle uniform on (-45, 45) degrees: sum of x at "
        "(i cos, i sin), i = 0 ... 2 c1, weights exp(-i^2 / (2 c2^2)), edge pixels repeated; 16 bits a value, cut to "
        "bytes",
    .random = true,
    .differs = "ImageMagick's motion blur written anew",
    .imagenet = {{{10, 3}, {15, 5}, {15, 8}, {15, 12}, {20, 15}}},
    .cifar = {{{6, 1}, {6, 1.5}, {6, 2}, {8, 2}, {9, 2.5}}},
    .tiny = {{{10, 1}, {10, 1.5}, {10, 2}, {10, 2.5}, {12, 3}}},
    .make = make,
};

}  // namespace cuebench
