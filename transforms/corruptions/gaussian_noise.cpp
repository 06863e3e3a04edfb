#include "../kernels/additive_noise.hpp"
#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [c = parameters[0]](const Image& image, RandomStream& random) {
    return with_noise(image, normal_field(random, image.pixels.size()), c);
  };
}

}  // namespace

extern constinit const CorruptionInfo gaussian_noise_corruption = {
    .name = "gaussian_noise",
    .formula = "x + c N for each channel value, N standard normal",
    .random = true,
    .imagenet = {{{.08}, {.12}, {.18}, {.26}, {.38}}},
    .cifar = {{{.04}, {.06}, {.08}, {.09}, {.10}}},
    .tiny = {{{.04}, {.08}, {.12}, {.15}, {.18}}},
    .make = make,
};

}  // namespace cuebench
