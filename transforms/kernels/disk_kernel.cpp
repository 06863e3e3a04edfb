#include "disk_kernel.hpp"

#include <cmath>

#include <opencv2/imgproc.hpp>

namespace cuebench {

cv::Mat1f disk_smoothing(double radius, double alias_sigma) {
  const int side = radius <= 8 ? 3 : 5;
  cv::Mat1f weights(side, 1);
  for (int i = 0; i < side; ++i) {
    const double x = i - side / 2;
    weights(i) = static_cast<float>(std::exp(-0.5 * x * x / (alias_sigma * alias_sigma)));
  }
  weights /= cv::sum(weights)[0];
  return weights;
}

cv::Mat1f disk_kernel(double radius, double alias_sigma) {
  const int reach = radius <= 8 ? 8 : static_cast<int>(radius);
  cv::Mat1f disk(2 * reach + 1, 2 * reach + 1, 0.0F), smoothed;
  for (int y = -reach; y <= reach; ++y)
    for (int x = -reach; x <= reach; ++x)
      if (y * y + x * x <= radius * radius) disk(y + reach, x + reach) = 1;
  disk /= cv::sum(disk)[0];
  const cv::Mat1f weights = disk_smoothing(radius, alias_sigma);
  cv::sepFilter2D(disk, smoothed, CV_32F, weights, weights);
  return smoothed;
}

}  // namespace cuebench
