#pragma once
// The blur kernel of a lens out of focus, as ImageNet-C draws it.

#include <opencv2/core.hpp>

namespace cuebench {

/// 17 x 17 for radius <= 8, else 2 radius + 1 a side: 1 where x^2 + y^2 <= radius^2, divided by their number, then
/// smoothed by a Gaussian `alias_sigma` of 3 x 3 (5 x 5 above radius 8) weights with its border mirrored without
/// doubling. radius >= 0, a whole number above 8; alias_sigma > 0.
cv::Mat1f disk_kernel(double radius, double alias_sigma);

/// The 3 (5) weights of that Gaussian.
cv::Mat1f disk_smoothing(double radius, double alias_sigma);

}  // namespace cuebench
