#pragma once
// Canny's edge detector as scikit-image 0.19 computes it, so that published edge maps can be compared.

#include <opencv2/core.hpp>

namespace cuebench {

struct CannyOptions {
  /// Standard deviation of the Gaussian, pixels; 0: none.
  double sigma = 2;
  /// Hysteresis thresholds on the gradient magnitude (Sobel kernel without division, grey in [0, 1]); low <= high.
  double low = 0.05, high = 0.15;
};

struct Gradient {
  cv::Mat1d down, right, magnitude;
};

/// Gaussian of radius int(4 sigma + .5) that sees zeros beyond the border, divided by the same Gaussian of ones: the
/// average of the pixels that exist.
cv::Mat1d smooth_within_borders(const cv::Mat1d& plane, double sigma);

/// Sobel gradient, kernel [1 2 1] x [-1 0 1] without division; the edge pixel is repeated beyond the border.
Gradient sobel_gradient(const cv::Mat1d& plane);

/// True where `gradient.magnitude` is at least as large as both values interpolated one step along the gradient. Pixels
/// on the border and pixels below `least` (or zero) are never maxima.
cv::Mat1b local_maxima(const Gradient& gradient, double least);

/// Edge map, 255 on edges, 0 elsewhere. `grey` in [0, 1].
cv::Mat1b canny(const cv::Mat1d& grey, const CannyOptions& options);

}  // namespace cuebench
