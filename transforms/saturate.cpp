#include <cuebench/transforms/transform.hpp>

#include "kernels/byte_table.hpp"
#include "kernels/saturation.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [table = saturation_table(parameters.real("p"))](const Image& image, const TransformContext&) {
    TransformResult result{Image(image.height, image.width), {}};
    apply_table(table, image.pixels, result.image.pixels);
    return result;
  };
}

}  // namespace

extern const TransformInfo saturate_transform = {
    .name = "saturate",
    .summary = "Pulls every channel towards black or white: fine contrast goes, outlines stay.",
    .formula =
        "v' = clip(1/2 + 1/2 sign(2v-1) |2v-1|^(2/p), 0, 1) for v in [0, 1] per channel, then floor(255 v' + .5)",
    .source = "Zhang and Zhu, ICML 2019; PKUAI26/AT-CNN code/baseline/dataset.py",
    .keeps = Cue::shape,
    .parameters = {{.name = "p",
                    .kind = ParameterKind::real,
                    .default_value = "8",
                    .minimum = 0.01,
                    .doc = "Strength: 2 changes nothing, below 2 pulls to grey, inf leaves only 0 and 255 per channel. "
                           "At 8 most of the texture is still there."}},
    .make = make,
};

}  // namespace cuebench
