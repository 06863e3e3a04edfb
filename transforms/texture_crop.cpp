#include <utility>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/levels.hpp"
#include "kernels/quilting.hpp"
#include "object_mask.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources& resources) {
  return
      [masks = ObjectMask("texture_crop", parameters, resources)](const Image& image, const TransformContext& context) {
        auto [mask, note] = masks.of(image, context.mask, context.item_id);
        RandomStream random(context.seed, context.item_id, context.variant);
        const cv::Mat3f texture = quilted(image, &mask, image.height, image.width, random);
        return TransformResult{colour_image(texture / 255.0, Rounding::nearest), std::move(note)};
      };
}

}  // namespace

extern const TransformInfo texture_crop_transform = {
    .name = "texture_crop",
    .summary = "A frame full of the object's own texture: windows cut inside its outline, in random places and turns.",
    .formula =
        "windows of at most 1/5 of the shorter side that lie inside the mask, flipped and turned, laid half over "
        "each other, blended with sin^4 weights",
    .source = "after the texture images of Geirhos et al., ICLR 2019; quilting without cuts (Efros and Freeman 2001)",
    .keeps = Cue::texture,
    .parameters = with_mask_parameters({}),
    .random = true,
    .uses_mask = true,
    .moves_pixels = true,
    .make = make,
};

}  // namespace cuebench
