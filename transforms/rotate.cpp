#include <fmt/format.h>

#include <cuebench/core/parameters.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"
#include "kernels/rotation.hpp"

namespace cuebench {
namespace {

struct Options {
  int degrees;
  bool grey;
  Rounding rounding;
};

TransformResult rotate(const Options& options, const Image& image) {
  if (options.degrees % 180 != 0 && image.height != image.width)
    throw ImageError(
        fmt::format("rotate by {} degrees keeps the size of a square image only, and this one is {}x{}: "
                    "choose a preset that makes images square",
                    options.degrees, image.width, image.height));
  return {rotated(options.grey ? grey709_image(image, options.rounding) : image, options.degrees), {}};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const Options options{
      .degrees = static_cast<int>(parse_integer("variant rotate: degrees", parameters.text("degrees"))),
      .grey = parameters.text("colour") == "grey",
      .rounding = rounding_of(parameters)};
  return [options](const Image& image, const TransformContext&) { return rotate(options, image); };
}

}  // namespace

extern const TransformInfo rotate_transform = {
    .name = "rotate",
    .summary = "The image turned by right angles, in grey.",
    .formula = "counter-clockwise by 0, 90, 180 or 270 degrees, after grey709 unless colour=rgb",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs rotate90; model-vs-human: rotation",
    .keeps = Cue::both,
    .parameters = {{.name = "degrees",
                    .kind = ParameterKind::choice,
                    .default_value = "180",
                    .choices = {"0", "90", "180", "270"},
                    .unit = "degrees",
                    .doc = "Counter-clockwise; 90 and 270 need square images."},
                   {.name = "colour",
                    .kind = ParameterKind::choice,
                    .default_value = "grey",
                    .choices = {"grey", "rgb"},
                    .doc = "grey as the source, or the colours of the image."},
                   rounding_parameter()},
    .moves_pixels = true,
    .make = make,
};

}  // namespace cuebench
