#include <utility>

#include <cuebench/transforms/transform.hpp>

#include "kernels/mask_fill.hpp"
#include "object_mask.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const Colour dark = {0, 0, 0}, light = {255, 255, 255};
  const bool dark_object = parameters.text("polarity") == "black_on_white";
  return
      [object = dark_object ? dark : light, ground = dark_object ? light : dark,
       masks = ObjectMask("silhouette", parameters, resources)](const Image& image, const TransformContext& context) {
        auto [mask, note] = masks.of(image, context.mask, context.item_id);
        return TransformResult{fill_mask(mask, 128, object, ground), std::move(note)};
      };
}

}  // namespace

extern const TransformInfo silhouette_transform = {
    .name = "silhouette",
    .summary = "The object filled with one colour: the outline is all that stays.",
    .formula = "mask >= threshold ? 0 : 255 in all channels (white_on_black: exchanged)",
    .source =
        "Geirhos et al., ICLR 2019; automatic masks: minimum-barrier distance (Zhang et al., ICCV 2015), GrabCut "
        "(Rother et al. 2004)",
    .keeps = Cue::shape,
    .parameters = with_mask_parameters({{.name = "polarity",
                                         .kind = ParameterKind::choice,
                                         .default_value = "black_on_white",
                                         .choices = {"black_on_white", "white_on_black"},
                                         .doc = "Colour of object and ground."}}),
    .uses_mask = true,
    .make = make,
};

}  // namespace cuebench
