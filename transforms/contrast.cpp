#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [level = parameters.real("level"), rounding = rounding_of(parameters)](
             const Image& image, const TransformContext&) -> TransformResult {
    return {grey_contrast(image, level, rounding), {}};
  };
}

}  // namespace

extern const TransformInfo contrast_transform = {
    .name = "contrast",
    .summary = "Grey image of lower contrast: shape and texture fade together.",
    .formula = "g' = (1 - level) / 2 + level g, g = grey709 in [0, 1]: contracts about 1/2, not about the mean",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs grayscale_contrast; model-vs-human: contrast",
    .keeps = Cue::neither,
    .parameters = {{.name = "level",
                    .kind = ParameterKind::real,
                    .default_value = "0.1",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "Contrast that is left; 1 is the grey image. Published: 1, .5, .3, .15, .1, .05, .03, .01."},
                   rounding_parameter()},
    .make = make,
};

}  // namespace cuebench
