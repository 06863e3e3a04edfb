#include <algorithm>
#include <vector>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/random_values.hpp"
#include "kernels/value_noise.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [sigma = parameters.real("sigma")](const Image& image, const TransformContext& context) -> TransformResult {
    RandomStream random(context.seed, context.item_id, context.variant);
    return {with_value_noise(image, sigma, normal_values(random, image.pixels.size())), {}};
  };
}

}  // namespace

extern const TransformInfo gaussian_noise_transform = {
    .name = "gaussian_noise",
    .summary = "Independent normal noise on every channel of every pixel.",
    .formula = "v + sigma N(0, 1) for v in [0, 1], clipped; floor(255 v + .5)",
    .source = "common definition; Hendrycks and Dietterich 2019 cut off instead of rounding",
    .keeps = Cue::both,
    .parameters = {{.name = "sigma",
                    .kind = ParameterKind::real,
                    .default_value = "0.1",
                    .minimum = 0,
                    .maximum = 2,
                    .doc = "Standard deviation, of a range of values of 1; 0 changes nothing."}},
    .random = true,
    .make = make,
};

}  // namespace cuebench
