#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"
#include "kernels/random_values.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [width = parameters.real("width"), contrast = parameters.real("contrast"), rounding = rounding_of(parameters)](
             const Image& image, const TransformContext& context) -> TransformResult {
    RandomStream random(context.seed, context.item_id, context.variant);
    const auto noise = signed_uniform_values(random, image.pixels.size() / Image::kChannels);
    return {grey_with_noise(image, contrast, width, noise, rounding), {}};
  };
}

}  // namespace

extern const TransformInfo uniform_noise_transform = {
    .name = "uniform_noise",
    .summary = "Grey image of low contrast under uniform noise, one value per pixel.",
    .formula = "(1 - contrast) / 2 + contrast grey709 + U[-width, width), clipped",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs uniform_noise; model-vs-human: uniform-noise",
    .keeps = Cue::neither,
    .parameters = {{.name = "width",
                    .kind = ParameterKind::real,
                    .default_value = "0.1",
                    .minimum = 0,
                    .maximum = 2,
                    .doc = "Largest noise, of a range of values of 1; 0 is none. Published: 0, .03, .05, .1, .2, .35, "
                           ".6, .9."},
                   noise_contrast_parameter(),
                   rounding_parameter()},
    .random = true,
    .make = make,
};

}  // namespace cuebench
