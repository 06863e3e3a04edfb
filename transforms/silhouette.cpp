#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/automatic_mask.hpp"
#include "kernels/mask_fill.hpp"

namespace cuebench {
namespace {

/// Below this side nothing can be told from its background, and GrabCut has no border to learn from.
constexpr int kSmallestSide = 12;

struct Options {
  std::string mask;
  int threshold;
  bool dark_object;
};

void check_size(const Plane& mask, const Image& image, const TransformContext& context) {
  if (mask.height != image.height || mask.width != image.width)
    throw UsageError(
        fmt::format("silhouette: the mask of '{}' is {}x{} and its image {}x{}: masks must have the "
                    "size of their images",
                    context.item_id, mask.width, mask.height, image.width, image.height));
}

/// A mask made from the image, and the note that says which.
std::pair<Plane, std::string> automatic(const Image& image, bool by_grabcut) {
  if (std::min(image.height, image.width) >= kSmallestSide) {
    Plane mask = by_grabcut ? grabcut_mask(image) : barrier_mask(image);
    if (is_plausible_mask(mask)) return {std::move(mask), "mask=automatic"};
  }
  return {centred_disc(image.height, image.width), "mask=fallback_disc"};
}

TransformResult silhouette(const Options& options, const Image& image, const TransformContext& context) {
  const Colour dark = {0, 0, 0}, light = {255, 255, 255};
  const Colour object = options.dark_object ? dark : light, ground = options.dark_object ? light : dark;
  const bool want_file = options.mask == "file" || options.mask == "auto";
  if (want_file && context.mask) {
    check_size(*context.mask, image, context);
    return {fill_mask(*context.mask, options.threshold, object, ground), "mask=file"};
  }
  if (options.mask == "file")
    throw UsageError(
        fmt::format("silhouette: '{}' has no mask: give masks with the data, or use mask=auto", context.item_id));
  auto [mask, note] = automatic(image, options.mask == "grabcut");
  return {fill_mask(mask, 128, object, ground), std::move(note)};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const Options options{.mask = parameters.text("mask"),
                        .threshold = static_cast<int>(parameters.integer("threshold")),
                        .dark_object = parameters.text("polarity") == "black_on_white"};
  return [options](const Image& image, const TransformContext& context) { return silhouette(options, image, context); };
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
    .parameters = {{.name = "mask",
                    .kind = ParameterKind::choice,
                    .default_value = "auto",
                    .choices = {"auto", "file", "mbd", "grabcut"},
                    .doc =
                        "auto: the data set's mask, else mbd; file: the data set's, an image without one is an error; "
                        "mbd (fast), grabcut (slow): always from the image."},
                   {.name = "threshold",
                    .kind = ParameterKind::integer,
                    .default_value = "128",
                    .minimum = 1,
                    .maximum = 255,
                    .doc = "Least value of the data set's mask that is object."},
                   {.name = "polarity",
                    .kind = ParameterKind::choice,
                    .default_value = "black_on_white",
                    .choices = {"black_on_white", "white_on_black"},
                    .doc = "Colour of object and ground."}},
    .uses_mask = true,
    .make = make,
};

}  // namespace cuebench
