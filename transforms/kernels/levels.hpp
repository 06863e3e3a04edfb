#pragma once
// From values in [0, 1] to bytes: the two rules of the field, and greys as three equal channels.

#include <cstdint>

#include <opencv2/core.hpp>

#include <cuebench/core/parameters.hpp>
#include <cuebench/imaging/image.hpp>

namespace cuebench {

enum class Rounding {
  nearest,  ///< floor(255 v + 0.5): torchvision's save_image
  down,     ///< floor(255 v): NumPy's cast, as the code of Geirhos et al. and of ImageNet-C saves
};

/// The parameter `rounding` of transforms whose published code cuts off: `down` is the default, as in that code.
ParameterSpec rounding_parameter();
Rounding rounding_of(const Parameters& parameters);

/// v clipped to [0, 1], as a byte. Rounding down forgives 1e-9 below a level, so that 255 (k / 255) is k.
std::uint8_t to_byte(double v, Rounding rounding);

/// Three equal channels of a plane in [0, 1] (float or double), clipped. Rounding down forgives 1e-9 of a level in
/// double and 4e-5 in single precision.
Image grey_image(const cv::Mat& plane, Rounding rounding);
/// A picture with three channels in [0, 1] (float or double), clipped.
Image colour_image(const cv::Mat& picture, Rounding rounding);

}  // namespace cuebench
