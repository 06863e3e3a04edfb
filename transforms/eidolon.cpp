#include "kernels/eidolon.hpp"

#include <array>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/levels.hpp"
#include "kernels/luminance.hpp"

namespace cuebench {
namespace {

/// Coherence of the experiments Eidolon I, II and III.
constexpr std::array<double, 3> kCoherence = {1.0, 0.3, 0.0};

struct Options {
  double coherence, reach, grain;
  Rounding rounding;
};

cv::Mat1f grey601_plane(const Image& image) {
  cv::Mat1f grey(image.height, image.width);
  auto in = image.pixels.begin();
  for (float& value : grey) {
    value = static_cast<float>(grey601(in[0], in[1], in[2])) / 255;
    in += Image::kChannels;
  }
  return grey;
}

TransformResult disarray(const Options& options, const Image& image, const TransformContext& context) {
  const cv::Mat1f grey = grey601_plane(image);
  const auto scales = eidolon_scales(grey.size());
  RandomStream random(context.seed, context.item_id, context.variant);
  const auto fields = displacement_fields(grey.size(), scales, options.coherence, options.grain, random);
  return {grey_image(disarrayed(scale_differences(grey, scales), fields, options.reach), options.rounding), {}};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const Options options{.coherence = kCoherence.at(parameters.text("kind").front() - '1'),
                        .reach = parameters.real("reach"),
                        .grain = parameters.real("grain"),
                        .rounding = rounding_of(parameters)};
  return [options](const Image& image, const TransformContext& context) { return disarray(options, image, context); };
}

}  // namespace

extern const TransformInfo eidolon_transform = {
    .name = "eidolon",
    .summary =
        "Grey image whose scales are displaced at random: eidolon-like, equivalent to the published, not identical.",
    .formula =
        "sum over scales of the band of grey601 at (pixel + reach (c F + (1 - c) G)) cut to whole pixels; F coherent "
        "over "
        "the scales, G independent with correlation length grain, both of variance 1; c = 1, .3, 0",
    .source =
        "Koenderink et al. 2017, partially coherent disarray, as used by Geirhos et al. 2018; model-vs-human: "
        "eidolonI, "
        "II, III. Equivalent, not identical: own fields, no 256-pixel intermediate",
    .keeps = Cue::neither,
    .parameters = {{.name = "kind",
                    .kind = ParameterKind::choice,
                    .default_value = "1",
                    .choices = {"1", "2", "3"},
                    .doc = "Coherence of the displacement over scales: 1 is 1.0, 2 is 0.3, 3 is 0."},
                   {.name = "reach",
                    .kind = ParameterKind::real,
                    .default_value = "8",
                    .minimum = 0,
                    .maximum = 1024,
                    .unit = "pixels",
                    .doc = "Standard deviation of the displacement; 0 leaves a slightly blurred grey image. Published, "
                           "at 256 pixels: 1, 2, 4, ..., 128."},
                   {.name = "grain",
                    .kind = ParameterKind::real,
                    .default_value = "10",
                    .minimum = 0,
                    .maximum = 1000,
                    .unit = "pixels",
                    .doc = "Blur of the noise that makes the incoherent displacement, at most a seventh of the shorter "
                           "side. Published: 10."},
                   rounding_parameter()},
    .random = true,
    .make = make,
};

}  // namespace cuebench
