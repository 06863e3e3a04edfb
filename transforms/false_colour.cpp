#include <cuebench/transforms/transform.hpp>

#include "kernels/opponent_colour.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters&, const TransformResources&) {
  return [](const Image& image, const TransformContext&) -> TransformResult { return {opponent_colours(image), {}}; };
}

}  // namespace

extern const TransformInfo false_colour_transform = {
    .name = "false_colour",
    .summary = "Opponent colours at the same luminance: red for green, yellow for blue.",
    .formula =
        "on the light of the source's monitor: rgb' = 2 Y - rgb, Y = .258828 R + .607436 G + .133736 B, clipped; "
        "nearest "
        "level of the monitor's table",
    .source = "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs false_colour; model-vs-human: false-colour",
    .keeps = Cue::both,
    .parameters = {},
    .make = make,
};

}  // namespace cuebench
