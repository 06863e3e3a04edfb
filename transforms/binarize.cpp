#include <cstddef>
#include <cstdint>

#include <cuebench/core/vectorised.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"
#include "kernels/otsu.hpp"

namespace cuebench {
namespace {

/// grey709 of each pixel, in levels.
Plane grey709_levels(const Image& image) {
  Plane grey(image.height, image.width);
  vectorised(
      [](const std::uint8_t* in, std::uint8_t* __restrict out, std::size_t count) CUEBENCH_INLINE_BODY {
        for (std::size_t i = 0; i < count; ++i)
          out[i] = static_cast<std::uint8_t>((grey709_units(in + 3 * i) + 5000) / 10000);
      },
      image.pixels.data(), grey.pixels.data(), grey.pixels.size());
  return grey;
}

/// White or black by whether grey709 in levels is at least `threshold`.
Image two_levels(const Image& image, int threshold, bool bright_is_white) {
  const std::int32_t least = 10000 * threshold - 5000;
  const double bright = bright_is_white ? 255 : 0;
  return map_grey(image,
                  [least, bright](std::int32_t units, std::size_t) { return units >= least ? bright : 255 - bright; });
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const bool otsu = parameters.text("method") == "otsu",
             bright_is_white = parameters.text("polarity") == "white_bright";
  return [otsu, bright_is_white, fixed = static_cast<int>(parameters.integer("threshold"))](
             const Image& image, const TransformContext&) -> TransformResult {
    const int threshold = otsu ? otsu_threshold(grey709_levels(image)) + 1 : fixed;
    return {two_levels(image, threshold, bright_is_white), {}};
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
