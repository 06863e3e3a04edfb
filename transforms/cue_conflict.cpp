#include <string>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>
#include <cuebench/imaging/image.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/levels.hpp"
#include "kernels/mask_fill.hpp"
#include "kernels/quilting.hpp"
#include "kernels/stylization.hpp"
#include "object_mask.hpp"

namespace cuebench {
namespace {

struct Options {
  bool fill;
  StylizeOptions stylize;
  ObjectMask masks;
};

/// The outlines of the image, with texture and colours from inside the partner's object.
TransformResult restyled(const Options& options, const Image& image, const Partner& partner, const Plane& partner_mask,
                         RandomStream& random) {
  const StylizeScale& scale = stylize_scale(stylize_scale_index(image.height, image.width));
  const cv::Mat3f texture = quilted(partner.image, &partner_mask, scale.tile, scale.tile, random);
  return {stylized(image, quilted_texture(texture, scale), {}, scale, options.stylize), {}};
}

/// The silhouette of the image, filled with texture from inside the partner's object, on white.
TransformResult filled(const Options& options, const Image& image, const TransformContext& context,
                       const Plane& partner_mask, RandomStream& random) {
  const auto own = options.masks.of(image, context.mask, context.item_id);
  const cv::Mat3f texture = quilted(context.partner->image, &partner_mask, image.height, image.width, random);
  return {fill_mask(own.plane, 128, colour_image(texture / 255.0, Rounding::nearest), {255, 255, 255}), own.note};
}

TransformResult cue_conflict(const Options& options, const Image& image, const TransformContext& context) {
  if (!context.partner) return {image, "texture_of=none: the image has no label"};
  const Partner& partner = *context.partner;
  const auto theirs = options.masks.of(partner.image, partner.mask ? &*partner.mask : nullptr, partner.item_id);
  RandomStream random(context.seed, context.item_id, context.variant);
  TransformResult result = options.fill ? filled(options, image, context, theirs.plane, random)
                                        : restyled(options, image, partner, theirs.plane, random);
  if (!result.note.empty()) result.note += ';';
  result.note += fmt::format("texture_of={};texture_{}", partner.item_id, theirs.note);
  return result;
}

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const Options options{.fill = parameters.text("method") == "fill",
                        .stylize = {.gain = parameters.real("gain"), .colour = parameters.real("colour")},
                        .masks = ObjectMask("cue_conflict", parameters, resources)};
  return
      [options](const Image& image, const TransformContext& context) { return cue_conflict(options, image, context); };
}

}  // namespace

extern const TransformInfo cue_conflict_transform = {
    .name = "cue_conflict",
    .summary =
        "Shape of the image, texture of an image of another class. Both classes are recorded; shape bias = shape "
        "decisions / (shape + texture decisions).",
    .formula =
        "stylize: as the variant stylize, with texture and colours quilted from inside the other image's object; "
        "fill: the silhouette filled with it, on white",
    .source =
        "cue-conflict-classic, the project's own; purpose as Geirhos et al., ICLR 2019, whose stimuli were made "
        "with a network: shape biases on the two must not be compared",
    .keeps = Cue::conflict,
    .parameters = with_mask_parameters({{.name = "method",
                                         .kind = ParameterKind::choice,
                                         .default_value = "stylize",
                                         .choices = {"stylize", "fill"},
                                         .doc = "stylize keeps the outlines of the whole image, fill the silhouette."},
                                        {.name = "gain",
                                         .kind = ParameterKind::real,
                                         .default_value = "1",
                                         .minimum = 0,
                                         .maximum = 4,
                                         .doc = "Strength of the texture; 1 as in the other image (stylize)."},
                                        {.name = "colour",
                                         .kind = ParameterKind::real,
                                         .default_value = "1",
                                         .minimum = 0,
                                         .maximum = 1,
                                         .doc = "Share of the other object's colours (stylize)."}}),
    .random = true,
    .uses_mask = true,
    .uses_partner = true,
    .make = make,
};

}  // namespace cuebench
