#pragma once
// Filters given by their non-zero weights: cheap where most of a large kernel is empty.

#include <vector>

#include <opencv2/core.hpp>

#include "gaussian.hpp"

namespace cuebench {

/// One weight of a filter, at an offset in pixels from the result.
struct Tap {
  int dy, dx;
  float weight;
};

/// The non-zero weights of a kernel whose sides are odd, about its centre.
std::vector<Tap> taps_of(const cv::Mat1f& kernel);

/// out(y, x) = sum over the taps of weight * picture(y + dy, x + dx), for float pictures of any number of channels.
/// Every border but Border::constant.
cv::Mat sparse_filtered(const cv::Mat& picture, const std::vector<Tap>& taps, Border border);

}  // namespace cuebench
