#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  if (parameters.text("weights") == "601")
    return [](const Image& image, const TransformContext&) { return TransformResult{grey601_image(image), {}}; };
  return [](const Image& image, const TransformContext&) {
    return TransformResult{grey709_image(image, Rounding::nearest), {}};
  };
}

}  // namespace

extern const TransformInfo grayscale_transform = {
    .name = "grayscale",
    .summary = "Luminance in three equal channels: colour is gone, shape and texture stay.",
    .formula = "709: floor(.2125 R + .7154 G + .0721 B + .5); 601: (19595 R + 38470 G + 7471 B + 32768) >> 16",
    .source = "709: scikit-image rgb2gray, as in Geirhos et al. 2018; 601: Pillow's convert('L')",
    .keeps = Cue::both,
    .parameters = {{.name = "weights",
                    .kind = ParameterKind::choice,
                    .default_value = "709",
                    .choices = {"709", "601"},
                    .doc = "Weights of the channels: 709 as scikit-image, 601 as Pillow."}},
    .make = make,
};

}  // namespace cuebench
