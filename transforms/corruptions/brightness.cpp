#include <algorithm>

#include "../kernels/hsv.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [c = parameters[0]](const Image& image, RandomStream&) {
    return with_changed_hsv(image, [c](Hsv& hsv) { hsv.value = std::clamp(hsv.value + c, 0.0, 1.0); });
  };
}

}  // namespace

extern constinit const CorruptionInfo brightness_corruption = {
    .name = "brightness",
    .formula = "HSV (hexcone): V + c, clipped",
    .imagenet = {{{.1}, {.2}, {.3}, {.4}, {.5}}},
    .cifar = {{{.05}, {.1}, {.15}, {.2}, {.3}}},
    .tiny = {{{.1}, {.2}, {.3}, {.4}, {.5}}},
    .make = make,
};

}  // namespace cuebench
