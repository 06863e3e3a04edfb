#pragma once
// Between bytes and the pictures in [0, 1] that formulas are written for.

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// height x width x 3 values in [0, 1]: byte / 255.
cv::Mat3f unit_picture(const Image& image);

/// floor(255 v), clipped: NumPy's cast to uint8 after a clip to [0, 1]. A value that lies less than 1e-4 below a level
/// is that level: the error of a sum of some hundred single-precision terms must not darken a flat area. NaN becomes 0.
Image truncated_image(const cv::Mat3f& picture);

}  // namespace cuebench
