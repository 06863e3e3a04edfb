#pragma once
// The low-pass and high-pass filters of Geirhos et al. 2018.

#include <opencv2/core.hpp>

namespace cuebench {

/// The mean grey of their images: what lies around the image, and the mean of a high-passed one.
constexpr double kMeanGrey = 0.4423;

/// grey * Gaussian(sigma pixels, radius int(4 sigma + .5)), the outside kMeanGrey. grey is float or double in [0, 1];
/// sigma >= 0, below 0.125 the image itself.
cv::Mat low_passed(const cv::Mat& grey, double sigma);

/// n = grey - low_passed(grey, sigma), shifted to the mean kMeanGrey; not clipped.
cv::Mat high_passed(const cv::Mat& grey, double sigma);

}  // namespace cuebench
