#include <algorithm>

#include "../kernels/hsv.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [factor = parameters[0], offset = parameters[1]](const Image& image, RandomStream&) {
    return with_changed_hsv(image,
                            [=](Hsv& hsv) { hsv.saturation = std::clamp(hsv.saturation * factor + offset, 0.0, 1.0); });
  };
}

}  // namespace

extern constinit const CorruptionInfo saturate_corruption = {
    .name = "saturate",
    .formula = "HSV (hexcone): c1 S + c2, clipped",
    .imagenet = {{{.3, 0}, {.1, 0}, {2, 0}, {5, .1}, {20, .2}}},
    .cifar = {{{.3, 0}, {.1, 0}, {1.5, 0}, {2, .1}, {2.5, .2}}},
    .tiny = {{{.3, 0}, {.1, 0}, {2, 0}, {5, .1}, {30, .2}}},
    .make = make,
};

}  // namespace cuebench
