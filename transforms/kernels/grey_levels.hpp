#pragma once
// Point operations on the grey 709 of an image, exact where the published code is: the grey stays a whole number until
// the last step.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <cuebench/core/parameters.hpp>
#include <cuebench/core/vectorised.hpp>
#include <cuebench/imaging/image.hpp>

#include "levels.hpp"

namespace cuebench {

/// 2125 R + 7154 G + 721 B: grey 709 in ten-thousandths of a level, 0 to 2,550,000.
inline std::int32_t grey709_units(const std::uint8_t* rgb) {
  return 2125 * rgb[0] + 7154 * rgb[1] + 721 * rgb[2];
}

/// Three equal channels of level(units, pixel) cut to a whole number in 0..255; `level` is an inline function whose
/// double on the scale 0..255 already has its rounding_bias.
template <typename Level>
Image map_grey(const Image& image, Level level) {
  Image result(image.height, image.width);
  std::vector<std::int32_t> buffer(image.width);
  for (int y = 0; y < image.height; ++y)
    vectorised(
        [](const std::uint8_t* in, std::int32_t* __restrict values, std::uint8_t* __restrict out, int width,
           std::size_t first, Level level_of) CUEBENCH_INLINE_BODY {
          for (int x = 0; x < width; ++x) values[x] = grey709_units(in + 3 * x);
          for (int x = 0; x < width; ++x)
            values[x] = static_cast<std::int32_t>(std::min(std::max(level_of(values[x], first + x), 0.), 255.));
          for (int x = 0; x < width; ++x)
            out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = static_cast<std::uint8_t>(values[x]);
        },
        image.row(y), buffer.data(), result.row(y), image.width, std::size_t(y) * image.width, level);
  return result;
}

/// Three equal channels of level(rgb), a whole number in 0..255; `level` is an inline function.
template <typename Level>
Image map_pixels(const Image& image, Level level) {
  Image result(image.height, image.width);
  std::vector<std::int32_t> buffer(image.width);
  for (int y = 0; y < image.height; ++y)
    vectorised(
        [](const std::uint8_t* in, std::int32_t* __restrict values, std::uint8_t* __restrict out, int width,
           Level level_of) CUEBENCH_INLINE_BODY {
          for (int x = 0; x < width; ++x) values[x] = level_of(in + 3 * x);
          for (int x = 0; x < width; ++x)
            out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = static_cast<std::uint8_t>(values[x]);
        },
        image.row(y), buffer.data(), result.row(y), image.width, level);
  return result;
}

/// What is added to a level before it is cut off: 1e-9 against sums that miss a level by their last digit, and half a
/// level for Rounding::nearest.
constexpr double rounding_bias(Rounding rounding) {
  return rounding == Rounding::nearest ? 0.5 + 1e-9 : 1e-9;
}

/// The image in grey 709, the level 0 of the grey manipulations: floor of the level, or rounded half up.
Image grey709_image(const Image& image, Rounding rounding);

/// The image in Pillow's "L".
Image grey601_image(const Image& image);

/// g' = (1 - contrast) / 2 + contrast g. contrast in [0, 1]; 1 is grey709_image.
Image grey_contrast(const Image& image, double contrast, Rounding rounding);

/// grey_contrast, plus width * noise, clipped. `noise` holds one value in [-1, 1) for each pixel.
Image grey_with_noise(const Image& image, double contrast, double width, std::span<const float> noise,
                      Rounding rounding);

/// grey_contrast, but 1 where draw >= 1 - p / 2 and 0 where draw < p / 2. `draws` holds one value in [0, 1) for each
/// pixel.
Image grey_with_salt_and_pepper(const Image& image, double contrast, double p, std::span<const float> draws,
                                Rounding rounding);

/// The parameter `contrast` of the noises of Geirhos et al.: (1 - c) / 2 + c g comes before the noise.
ParameterSpec noise_contrast_parameter();

}  // namespace cuebench
