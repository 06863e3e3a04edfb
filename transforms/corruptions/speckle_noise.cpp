#include "../kernels/additive_noise.hpp"
#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [c = parameters[0]](const Image& image, RandomStream& random) {
    return with_speckle(image, normal_field(random, image.pixels.size()), c);
  };
}

}  // namespace

extern constinit const CorruptionInfo speckle_noise_corruption = {
    .name = "speckle_noise",
    .formula = "x + c x N for each channel value, N standard normal",
    .random = true,
    .imagenet = {{{.15}, {.2}, {.35}, {.45}, {.6}}},
    .cifar = {{{.06}, {.1}, {.12}, {.16}, {.2}}},
    .tiny = {{{.15}, {.2}, {.25}, {.3}, {.35}}},
    .make = make,
};

}  // namespace cuebench
