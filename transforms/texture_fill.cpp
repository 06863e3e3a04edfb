#include <memory>
#include <string>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/levels.hpp"
#include "kernels/mask_fill.hpp"
#include "kernels/quilting.hpp"
#include "kernels/style_pictures.hpp"
#include "object_mask.hpp"

namespace cuebench {
namespace {

constexpr int kPictureSide = 256;
/// Size of the elements of the built-in patterns, as a share of the image's shorter side.
constexpr double kGrain = 1.0 / 16;

using Pictures = std::shared_ptr<const std::vector<StylePicture>>;

/// A picture of the chosen style, quilted to the image's size.
Image texture_for(const StylePicture& picture, const Image& image, RandomStream& random) {
  const double grain = std::max(3.0, kGrain * std::min(image.height, image.width));
  const Image drawn = colour_image(picture.draw(kPictureSide, grain) / 255.0, Rounding::nearest);
  return colour_image(quilted(drawn, nullptr, image.height, image.width, random) / 255.0, Rounding::nearest);
}

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const std::uint8_t level = parameters.text("ground") == "white" ? 255 : 0;
  const Pictures pictures = std::make_shared<const std::vector<StylePicture>>(
      resources.styles.empty() ? procedural_style_pictures() : read_style_pictures(resources.styles));
  return [pictures, level, masks = ObjectMask("texture_fill", parameters, resources)](const Image& image,
                                                                                      const TransformContext& context) {
    const auto [mask, note] = masks.of(image, context.mask, context.item_id);
    RandomStream random(context.seed, context.item_id, context.variant);
    const StylePicture& picture = (*pictures)[random.below(pictures->size())];
    const Image texture = texture_for(picture, image, random);
    return TransformResult{fill_mask(mask, 128, texture, {level, level, level}), note + ";style=" + picture.name};
  };
}

}  // namespace

extern const TransformInfo texture_fill_transform = {
    .name = "texture_fill",
    .summary = "The object's silhouette filled with the texture of a style picture, on a plain ground.",
    .formula =
        "mask >= threshold ? T : ground; T = the style picture quilted to the image's size; style, windows and "
        "turns drawn per image",
    .source = "after the texture-filled silhouettes of Geirhos et al., ICLR 2019",
    .keeps = Cue::shape,
    .parameters = with_mask_parameters({{.name = "ground",
                                         .kind = ParameterKind::choice,
                                         .default_value = "white",
                                         .choices = {"white", "black"},
                                         .doc = "What surrounds the object."}}),
    .random = true,
    .uses_mask = true,
    .make = make,
};

}  // namespace cuebench
