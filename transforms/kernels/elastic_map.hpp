#pragma once
// The two movements of ImageNet-C's elastic_transform: a random affine map, then a smooth random displacement.

#include <array>
#include <vector>

#include <opencv2/core.hpp>

namespace cuebench {

/// Where three points of the picture (centre +- a third of the shorter side) move: x and y of each, in pixels.
using AffineJitter = std::array<float, 6>;

/// As OpenCV's warpAffine: linear interpolation at positions rounded to 1/32 pixel, border mirrored without doubling.
/// Pictures with a side below 3 pixels stay as they are.
cv::Mat3f affine_jittered(const cv::Mat3f& picture, const AffineJitter& jitter);

/// `field` smoothed by a Gaussian cut at 3 sigma, border mirrored with doubling, times `scale`. For any sigma >= 0:
/// where the filter is wider than the picture, its weights are folded into a matrix first.
cv::Mat1f smooth_displacement(const cv::Mat1f& field, double sigma, double scale);

/// out(y, x) = picture(y + dy, x + dx), linear interpolation, border mirrored with doubling.
cv::Mat3f displaced(const cv::Mat3f& picture, const cv::Mat1f& dy, const cv::Mat1f& dx);

}  // namespace cuebench
