#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"
#include "kernels/random_values.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [p = parameters.real("p"), contrast = parameters.real("contrast"), rounding = rounding_of(parameters)](
             const Image& image, const TransformContext& context) -> TransformResult {
    RandomStream random(context.seed, context.item_id, context.variant);
    const auto draws = uniform_values(random, image.pixels.size() / Image::kChannels);
    return {grey_with_salt_and_pepper(image, contrast, p, draws, rounding), {}};
  };
}

}  // namespace

extern const TransformInfo salt_pepper_transform = {
    .name = "salt_pepper",
    .summary = "Grey image of low contrast with pixels replaced by black and white.",
    .formula =
        "(1 - contrast) / 2 + contrast grey709, but 1 where u >= 1 - p / 2 and 0 where u < p / 2, u = U[0, 1) per "
        "pixel",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs salt_and_pepper_noise",
    .keeps = Cue::neither,
    .parameters = {{.name = "p",
                    .kind = ParameterKind::real,
                    .default_value = "0.2",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "Share of the pixels that are replaced, half of them by white; 0 is none. Published: 0, .1, "
                           ".2, .35, .5, .65, .8, .95."},
                   noise_contrast_parameter(),
                   rounding_parameter()},
    .random = true,
    .make = make,
};

}  // namespace cuebench
