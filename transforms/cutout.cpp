#include <utility>

#include <cuebench/transforms/transform.hpp>

#include "kernels/mask_fill.hpp"
#include "object_mask.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const std::string& ground = parameters.text("ground");
  const std::uint8_t level = ground == "white" ? 255 : ground == "grey" ? 128 : 0;
  return [level, masks = ObjectMask("cutout", parameters, resources)](const Image& image,
                                                                      const TransformContext& context) {
    auto [mask, note] = masks.of(image, context.mask, context.item_id);
    return TransformResult{fill_mask(mask, 128, image, {level, level, level}), std::move(note)};
  };
}

}  // namespace

extern const TransformInfo cutout_transform = {
    .name = "cutout",
    .summary = "The object as it is, on a plain ground: the background is gone.",
    .formula = "mask >= threshold ? image : ground",
    .source = "after the original stimuli of Geirhos et al., ICLR 2019 (objects on white)",
    .keeps = Cue::both,
    .parameters = with_mask_parameters({{.name = "ground",
                                         .kind = ParameterKind::choice,
                                         .default_value = "white",
                                         .choices = {"white", "grey", "black"},
                                         .doc = "What surrounds the object; grey is 128."}}),
    .uses_mask = true,
    .make = make,
};

}  // namespace cuebench
