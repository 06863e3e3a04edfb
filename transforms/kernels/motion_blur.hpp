#pragma once
// ImageMagick's motion blur: a one-sided Gaussian along a line, at whole pixels.

#include <vector>

#include <opencv2/core.hpp>

#include "sparse_filter.hpp"

namespace cuebench {

/// 2 radius + 1 weights proportional to exp(-i^2 / (2 sigma^2)), weight i at (ceil(i cos - 1/2), ceil(i sin - 1/2)) in
/// (x, y) for `angle` in degrees, clockwise in the picture. radius >= 0, sigma > 0.
std::vector<Tap> motion_taps(int radius, double sigma, double angle);

/// The filter with edge pixels repeated. The picture holds bytes (any number of channels), and so does the result: as
/// ImageMagick with 16 bits a value, floor(round(257 v) / 257).
cv::Mat motion_blurred(const cv::Mat& picture, const std::vector<Tap>& taps);

}  // namespace cuebench
