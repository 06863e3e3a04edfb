#include "../kernels/float_picture.hpp"
#include "../kernels/gaussian.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [sigma = parameters[0]](const Image& image, RandomStream&) {
    return truncated_image(gaussian_filtered(unit_picture(image), sigma, Border::repeated));
  };
}

}  // namespace

extern constinit const CorruptionInfo gaussian_blur_corruption = {
    .name = "gaussian_blur",
    .formula = "Gaussian of sigma c pixels cut at 4 sigma, edge pixels repeated",
    .imagenet = {{{1}, {2}, {3}, {4}, {6}}},
    .cifar = {{{.4}, {.6}, {.7}, {.8}, {1}}},
    .tiny = {{{.5}, {.75}, {1}, {1.25}, {1.5}}},
    .make = make,
};

}  // namespace cuebench
