#include <cmath>

#include <cuebench/transforms/transform.hpp>

#include "kernels/frequency_filters.hpp"
#include "kernels/grey_levels.hpp"
#include "kernels/luminance.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  // The word inf reads as not a number.
  return [sigma = parameters.real("sigma"), rounding = rounding_of(parameters)](
             const Image& image, const TransformContext&) -> TransformResult {
    if (std::isnan(sigma)) return {grey709_image(image, rounding), {}};
    return {grey_image(high_passed(grey709_plane_float(image), sigma), rounding), {}};
  };
}

}  // namespace

extern const TransformInfo high_pass_transform = {
    .name = "high_pass",
    .summary = "Grey image without its coarse structure: contours and fine texture stay, areas become alike.",
    .formula = "n = g - low_pass(g, sigma); n + .4423 - mean(n), clipped; g = grey709, outside the image .4423",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs high_pass_filter; model-vs-human: high-pass",
    .keeps = Cue::both,
    .parameters = {{.name = "sigma",
                    .kind = ParameterKind::real,
                    .default_value = "1",
                    .minimum = 0,
                    .maximum = 200,
                    .choices = {"inf"},
                    .unit = "pixels",
                    .doc = "Standard deviation of what is taken away; inf is the grey image. Published, at 224 pixels: "
                           "inf, 3, 1.5, 1, .7, .55, .45, .4."},
                   rounding_parameter()},
    .make = make,
};

}  // namespace cuebench
