#include "gaussian.hpp"

#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "symmetric_filter.hpp"

namespace cuebench {

int border_type(Border border) {
  switch (border) {
    case Border::constant:
      return cv::BORDER_CONSTANT;
    case Border::repeated:
      return cv::BORDER_REPLICATE;
    case Border::reflected:
      return cv::BORDER_REFLECT;
    case Border::mirrored_101:
      break;
  }
  return cv::BORDER_REFLECT_101;
}

cv::Mat1d gaussian_weights(double sigma, double truncate) {
  const int radius = static_cast<int>(truncate * sigma + 0.5);
  cv::Mat1d weights(2 * radius + 1, 1);
  for (int i = -radius; i <= radius; ++i)
    weights(i + radius) = sigma > 0 ? std::exp(-0.5 * i * i / (sigma * sigma)) : 1.0;
  weights /= cv::sum(weights)[0];
  return weights;
}

cv::Mat gaussian_filtered(const cv::Mat& picture, double sigma, Border border, double outside, double truncate) {
  const cv::Mat1d weights = gaussian_weights(sigma, truncate);
  if (picture.depth() == CV_32F) {
    const std::vector<float> half(weights.begin() + weights.rows / 2, weights.end());
    const auto index = [type = border_type(border)](int i, int size) { return cv::borderInterpolate(i, size, type); };
    return symmetric_filtered(picture, half, index, static_cast<float>(outside));
  }
  cv::Mat filtered;
  if (border == Border::constant) {
    // OpenCV's constant border is 0: shift, filter, shift back.
    const cv::Scalar level = cv::Scalar::all(outside);
    cv::subtract(picture, level, filtered);
    cv::sepFilter2D(filtered, filtered, -1, weights, weights, cv::Point(-1, -1), 0, cv::BORDER_CONSTANT);
    cv::add(filtered, level, filtered);
  } else {
    cv::sepFilter2D(picture, filtered, -1, weights, weights, cv::Point(-1, -1), 0, border_type(border));
  }
  return filtered;
}

}  // namespace cuebench
