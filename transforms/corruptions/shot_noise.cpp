#include <memory>

#include "../kernels/poisson_noise.hpp"
#include "../kernels/random_fields.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [noise = std::make_shared<const PoissonNoise>(parameters[0])](const Image& image, RandomStream& random) {
    Image noisy = image;
    for_each_word(random, noisy.pixels.size(),
                  [&](std::uint32_t word, std::size_t i) { noisy.pixels[i] = (*noise)(noisy.pixels[i], word); });
    return noisy;
  };
}

}  // namespace

extern constinit const CorruptionInfo shot_noise_corruption = {
    .name = "shot_noise",
    .formula = "Poisson(c x) / c for each channel value",
    .random = true,
    .imagenet = {{{60}, {25}, {12}, {5}, {3}}},
    .cifar = {{{500}, {250}, {100}, {75}, {50}}},
    .tiny = {{{250}, {100}, {50}, {30}, {15}}},
    .make = make,
};

}  // namespace cuebench
