#include <cstdint>

#include <cuebench/transforms/transform.hpp>

#include "kernels/luminance.hpp"
#include "kernels/mask_fill.hpp"
#include "kernels/otsu.hpp"

namespace cuebench {
namespace {

constexpr Colour kBlack = {0, 0, 0}, kWhite = {255, 255, 255};

Plane grey709_levels(const Image& image) {
  Plane grey(image.height, image.width);
  const std::uint8_t* in = image.pixels.data();
  for (std::uint8_t& level : grey.pixels) {
    level = grey709(in[0], in[1], in[2]);
    in += Image::kChannels;
  }
  return grey;
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const bool otsu = parameters.text("method") == "otsu",
             bright_is_white = parameters.text("polarity") == "white_bright";
  return [otsu, bright_is_white, fixed = static_cast<int>(parameters.integer("threshold"))](
             const Image& image, const TransformContext&) -> TransformResult {
    const Plane grey = grey709_levels(image);
    const int threshold = otsu ? otsu_threshold(grey) + 1 : fixed;
    return {fill_mask(grey, threshold, bright_is_white ? kWhite : kBlack, bright_is_white ? kBlack : kWhite), {}};
  };
}

}  // namespace

extern const TransformInfo binarize_transform = {
    .name = "binarize",
    .summary = "Black and white by a threshold on the grey: coarse shape stays, shading and fine texture go.",
    .formula =
        "grey709 in levels (rounded) >= threshold ? 255 : 0; otsu: > t, t = scikit-image's threshold_otsu of the grey",
    .source = "Otsu 1979; scikit-image filters.threshold_otsu",
    .keeps = Cue::shape,
    .parameters = {{.name = "method",
                    .kind = ParameterKind::choice,
                    .default_value = "otsu",
                    .choices = {"otsu", "threshold"},
                    .doc = "otsu: the threshold of each image that separates its two classes best; threshold: the same "
                           "for all."},
                   {.name = "threshold",
                    .kind = ParameterKind::integer,
                    .default_value = "128",
                    .minimum = 0,
                    .maximum = 256,
                    .doc = "Least level that is bright, for method=threshold."},
                   {.name = "polarity",
                    .kind = ParameterKind::choice,
                    .default_value = "white_bright",
                    .choices = {"white_bright", "black_bright"},
                    .doc = "Colour of the bright pixels."}},
    .make = make,
};

}  // namespace cuebench
