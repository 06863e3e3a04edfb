#pragma once
// Edge-aware smoothing by the domain transform (Gastal and Oliveira, SIGGRAPH 2011), normalised convolution.

#include <opencv2/core.hpp>

namespace cuebench {

struct DomainTransformOptions {
  /// Standard deviation in space, pixels.
  double space = 20;
  /// Standard deviation in value, in the units of the guide; the differences of the three channels add up.
  double range = 50;
  int iterations = 3;
};

/// Averages `image` over windows that do not cross the edges of `guide` (same size). Horizontal and vertical passes
/// alternate, the window halving each time. Linear in the number of pixels whatever the window.
cv::Mat3f domain_transform(const cv::Mat3f& image, const cv::Mat3f& guide, const DomainTransformOptions& options);

}  // namespace cuebench
