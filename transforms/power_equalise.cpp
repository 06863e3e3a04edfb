#include <cuebench/transforms/transform.hpp>

#include "kernels/grey_levels.hpp"
#include "kernels/luminance.hpp"
#include "kernels/spectra.hpp"

namespace cuebench {
namespace {

Transform make(const Parameters& parameters, const TransformResources&) {
  return [amount = parameters.real("amount"), rounding = rounding_of(parameters)](
             const Image& image, const TransformContext&) -> TransformResult {
    if (amount == 0) return {grey709_image(image, rounding), {}};
    const cv::Mat1f grey = grey709_plane_float(image);
    return {grey_image(with_amplitudes(grey, natural_amplitudes(grey.size()), amount), rounding), {}};
  };
}

}  // namespace

extern const TransformInfo power_equalise_transform = {
    .name = "power_equalise",
    .summary = "Grey image with the amplitude spectrum of an average photograph: what is left is in the phases.",
    .formula =
        "|F|^(1 - amount) A^amount with the phases of grey709, clipped; A = .454 n for the mean, else "
        "exp(7.83) / 224^2 s sqrt(n) f^-1.258 (n pixels, shorter side s, f cycles per s pixels)",
    .source =
        "Geirhos et al. 2018, rgeirhos/generalisation-humans-DNNs equalise_power_spectrum, its mean spectrum replaced "
        "by "
        "the radial fit to it; model-vs-human: power-equalisation",
    .keeps = Cue::both,
    .parameters = {{.name = "amount",
                    .kind = ParameterKind::real,
                    .default_value = "1",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "How far the logarithms of the amplitudes go to the average; 0 is the grey image."},
                   rounding_parameter()},
    .make = make,
};

}  // namespace cuebench
