#include "grey_levels.hpp"

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
  return grey_contrast(image, 1, rounding);
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
