#include <cuebench/transforms/transform.hpp>

#include "kernels/frequency_filters.hpp"
#include "kernels/grey_levels.hpp"
#include "kernels/luminance.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [sigma = parameters.real("sigma"), rounding = rounding_of(parameters)](
             const Image& image, const TransformContext&) -> TransformResult {
    if (sigma == 0) return {grey709_image(image, rounding), {}};
    return {grey_image(low_passed(grey709_plane_float(image), sigma), rounding), {}};
  };
}

}  // namespace

extern const TransformInfo low_pass_transform = {
    .name = "low_pass",
    .summary = "Blurred grey image: texture goes, coarse shape stays.",
    .formula = "grey709 * Gaussian(sigma), radius int(4 sigma + .5), outside the image .4423",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs low_pass_filter; model-vs-human: low-pass",
    .keeps = Cue::shape,
    .parameters = {{.name = "sigma",
                    .kind = ParameterKind::real,
                    .default_value = "5",
                    .minimum = 0,
                    .maximum = 200,
                    .unit = "pixels",
                    .doc = "Standard deviation; 0 is the grey image. Published, at 224 pixels: 0, 1, 3, 5, 7, 10, 15, "
                           "40."},
                   rounding_parameter()},
    .make = make,
};

}  // namespace cuebench
