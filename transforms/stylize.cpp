#include <memory>
#include <string>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/style_bank.hpp"
#include "kernels/style_pictures.hpp"
#include "kernels/stylization.hpp"

namespace cuebench {
namespace {

TransformResult stylize(const StyleBank& styles, const StylizeOptions& options, const Image& image,
                        const TransformContext& context) {
  const int scale_index = stylize_scale_index(image.height, image.width);
  const StylizeScale& scale = stylize_scale(scale_index);
  RandomStream random(context.seed, context.item_id, context.variant);
  const std::size_t style = random.below(styles.size());
  TexturePlacement placement;
  placement.flip = static_cast<int>(random.below(8));
  placement.shift_y = static_cast<int>(random.below(scale.tile));
  placement.shift_x = static_cast<int>(random.below(scale.tile));
  return {stylized(image, styles.texture(style, scale_index), placement, scale, options),
          "style=" + styles.name(style)};
}

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const StylizeOptions options{.gain = parameters.real("gain"), .colour = parameters.real("colour")};
  auto pictures = resources.styles.empty() ? procedural_style_pictures() : read_style_pictures(resources.styles);
  return [styles = std::make_shared<const StyleBank>(std::move(pictures), resources.seed), options](
             const Image& image, const TransformContext& context) { return stylize(*styles, options, image, context); };
}

}  // namespace

extern const TransformInfo stylize_transform = {
    .name = "stylize",
    .summary = "Replaces the fine texture and the colours by those of a style picture; outlines stay. No network.",
    .formula =
        "B + gain w(|grad B|) sum_b D_b(S'): B = edge-aware smoothing, recoloured by the share `colour`; S' = "
        "random-phase version of the style, its bands evened out to 9 grey levels; docs/variants.md",
    .source =
        "stylize-classic, the project's own; after Gastal and Oliveira 2011 (domain transform), Galerne et al. "
        "2011 (random phase); purpose as Stylized-ImageNet (Geirhos et al., ICLR 2019)",
    .keeps = Cue::shape,
    .parameters = {{.name = "gain",
                    .kind = ParameterKind::real,
                    .default_value = "1",
                    .minimum = 0,
                    .maximum = 4,
                    .doc = "Strength of the foreign texture; 0 leaves the smoothed image."},
                   {.name = "colour",
                    .kind = ParameterKind::real,
                    .default_value = "0.8",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "Share of the style's colours; 0 keeps the image's own."}},
    .random = true,
    .make = make,
};

}  // namespace cuebench
