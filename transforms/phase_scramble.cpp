#include <vector>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"
#include "kernels/luminance.hpp"
#include "kernels/random_values.hpp"
#include "kernels/spectra.hpp"

namespace cuebench {
namespace {

struct Options {
  /// Share of a half turn.
  float width;
  PhasePairs pairs;
  Rounding rounding;
};

TransformResult scramble(const Options& options, const Image& image, const TransformContext& context) {
  if (options.width == 0) return {grey709_image(image, options.rounding), {}};
  const cv::Mat1f grey = grey709_plane_float(image);
  RandomStream random(context.seed, context.item_id, context.variant);
  std::vector<float> shifts = signed_uniform_values(random, phase_shift_count(grey.size()));
  for (float& shift : shifts) shift *= options.width;
  return {grey_image(phase_scrambled(grey, shifts, options.pairs), options.rounding), {}};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const Options options{.width = static_cast<float>(parameters.real("width") / 180),
                        .pairs = parameters.text("method") == "source" ? PhasePairs::source : PhasePairs::hermitian,
                        .rounding = rounding_of(parameters)};
  return [options](const Image& image, const TransformContext& context) { return scramble(options, image, context); };
}

}  // namespace

extern const TransformInfo phase_scramble_transform = {
    .name = "phase_scramble",
    .summary = "Grey image with noise on the phases of its spectrum: towards 180 degrees only the spectrum is left.",
    .formula =
        "Fourier phases of grey709 below the Nyquist frequency + U[-width, width), conjugates the opposite; real part, "
        "clipped",
    .source =
        "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs scramble_phases; model-vs-human: phase-scrambling",
    .keeps = Cue::neither,
    .parameters =
        {{.name = "width",
          .kind = ParameterKind::real,
          .default_value = "90",
          .minimum = 0,
          .maximum = 180,
          .unit = "degrees",
          .doc = "Largest shift of a phase; 0 is the grey image. Published: 0, 30, 60, 90, 120, 150, 180."},
         {.name = "method",
          .kind = ParameterKind::choice,
          .default_value = "source",
          .choices = {"source", "hermitian"},
          .doc = "source: as published, pairs of frequencies get unequal shifts and the contrast falls; hermitian: "
                 "amplitudes are kept."},
         rounding_parameter()},
    .random = true,
    .make = make,
};

}  // namespace cuebench
