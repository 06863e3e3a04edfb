#include "../kernels/clipped_zoom.hpp"
#include "../kernels/float_picture.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [factors = zoom_factors(parameters[0], parameters[1])](const Image& image, RandomStream&) {
    return truncated_image(zoom_blurred(unit_picture(image), factors));
  };
}

}  // namespace

extern constinit const CorruptionInfo zoom_blur_corruption = {
    .name = "zoom_blur",
    .formula = "(x + sum of x enlarged about its centre by 1, 1 + c2, ..., c1) / (number of factors + 1)",
    .imagenet = {{{1.11, .01}, {1.15, .01}, {1.20, .02}, {1.24, .02}, {1.30, .03}}},
    .cifar = {{{1.06, .01}, {1.11, .01}, {1.15, .01}, {1.20, .01}, {1.25, .01}}},
    .tiny = {{{1.06, .01}, {1.11, .01}, {1.15, .01}, {1.20, .01}, {1.25, .01}}},
    .make = make,
};

}  // namespace cuebench
