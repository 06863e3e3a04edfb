#include "../kernels/disk_blur.hpp"
#include "../kernels/float_picture.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [blur = DiskBlur(parameters[0], parameters[1])](const Image& image, RandomStream&) {
    return truncated_image(blur(image));
  };
}

}  // namespace

extern constinit const CorruptionInfo defocus_blur_corruption = {
    .name = "defocus_blur",
    .formula = "correlation with a disk of radius c1 smoothed by a Gaussian of c2, border mirrored without doubling",
    .imagenet = {{{3, .1}, {4, .5}, {6, .5}, {8, .5}, {10, .5}}},
    .cifar = {{{.3, .4}, {.4, .5}, {.5, .6}, {1, .2}, {1.5, .1}}},
    .tiny = {{{.5, .6}, {1, .1}, {1.5, .1}, {2.5, .01}, {3, .1}}},
    .make = make,
};

}  // namespace cuebench
