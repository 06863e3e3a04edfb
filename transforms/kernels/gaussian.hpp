#pragma once
// The Gaussian filter of scipy.ndimage: sampled, cut at int(truncate sigma + .5), normalised.

#include <opencv2/core.hpp>

namespace cuebench {

/// 2 radius + 1 weights of sum 1, as a column of doubles. sigma >= 0; 0 gives the single weight 1.
cv::Mat1d gaussian_weights(double sigma, double truncate = 4);

/// What lies outside the image.
enum class Border {
  constant,     ///< one value (scipy "constant")
  repeated,     ///< the edge pixel (scipy "nearest")
  reflected,    ///< mirrored with the edge pixel doubled (scipy "reflect")
  mirrored_101  ///< mirrored without doubling (OpenCV's default)
};

/// OpenCV's constant for it.
int border_type(Border border);

/// Each channel filtered along both axes, in the depth of the input (float or double). `outside` is the constant of
/// Border::constant.
cv::Mat gaussian_filtered(const cv::Mat& picture, double sigma, Border border, double outside = 0, double truncate = 4);

}  // namespace cuebench
