#include <cuebench/transforms/transform.hpp>

#include "kernels/gaussian.hpp"
#include "kernels/levels.hpp"
#include "kernels/mat_view.hpp"

namespace cuebench {
namespace {

TransformResult blur(const Image& image, double sigma) {
  cv::Mat3f values;
  view(image).convertTo(values, CV_32F, 1 / 255.0);
  return {colour_image(gaussian_filtered(values, sigma, Border::repeated), Rounding::nearest), {}};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  return [sigma = parameters.real("sigma")](const Image& image, const TransformContext&) { return blur(image, sigma); };
}

}  // namespace

extern const TransformInfo gaussian_blur_transform = {
    .name = "gaussian_blur",
    .summary = "Blurred colour image: texture goes, coarse shape stays.",
    .formula =
        "every channel * Gaussian(sigma), radius int(4 sigma + .5), the border pixels repeated; floor(255 v + .5)",
    .source = "scipy.ndimage.gaussian_filter, mode nearest",
    .keeps = Cue::shape,
    .parameters = {{.name = "sigma",
                    .kind = ParameterKind::real,
                    .default_value = "2",
                    .minimum = 0,
                    .maximum = 200,
                    .unit = "pixels",
                    .doc = "Standard deviation; 0 changes nothing."}},
    .make = make,
};

}  // namespace cuebench
