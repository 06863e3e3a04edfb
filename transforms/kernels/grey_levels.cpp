#include "grey_levels.hpp"

#include "luminance.hpp"

namespace cuebench {
namespace {

/// Units of grey709_units in one level.
constexpr double kUnitsOfLevel = 10000;

/// level = offset + slope * units.
struct Line {
  double offset, slope;
};

Line contrast_line(double contrast, Rounding rounding) {
  return {255 * (1 - contrast) / 2 + rounding_bias(rounding), contrast / kUnitsOfLevel};
}

}  // namespace

Image grey709_image(const Image& image, Rounding rounding) {
  // floor(units / 10000): half a unit keeps the product away from whole numbers by 5e-5, its error is below 3.1e-5.
  const float added = rounding == Rounding::nearest ? 5000.5F : 0.5F;
  return map_pixels(image, [added](const std::uint8_t* rgb) {
    return static_cast<std::int32_t>((static_cast<float>(grey709_units(rgb)) + added) * 1e-4F);
  });
}

Image grey601_image(const Image& image) {
  return map_pixels(image, [](const std::uint8_t* rgb) { return std::int32_t{grey601(rgb[0], rgb[1], rgb[2])}; });
}

Image grey_contrast(const Image& image, double contrast, Rounding rounding) {
  const Line line = contrast_line(contrast, rounding);
  return map_grey(image, [line](std::int32_t units, std::size_t) { return line.offset + line.slope * units; });
}

Image grey_with_noise(const Image& image, double contrast, double width, std::span<const float> noise,
                      Rounding rounding) {
  const Line line = contrast_line(contrast, rounding);
  return map_grey(image, [line, scale = 255 * width, values = noise.data()](std::int32_t units, std::size_t i) {
    return line.offset + line.slope * units + scale * values[i];
  });
}

Image grey_with_salt_and_pepper(const Image& image, double contrast, double p, std::span<const float> draws,
                                Rounding rounding) {
  const Line line = contrast_line(contrast, rounding);
  return map_grey(image,
                  [line, pepper = p / 2, salt = 1 - p / 2, values = draws.data()](std::int32_t units, std::size_t i) {
                    const double level = line.offset + line.slope * units;
                    const double with_salt = values[i] >= salt ? 255. : level;
                    return values[i] < pepper ? 0. : with_salt;
                  });
}

ParameterSpec noise_contrast_parameter() {
  return {.name = "contrast",
          .kind = ParameterKind::real,
          .default_value = "0.3",
          .minimum = 0,
          .maximum = 1,
          .doc = "Contrast of the grey image before the noise; 1 leaves it. Published: .3."};
}

}  // namespace cuebench
