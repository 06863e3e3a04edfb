#include "disk_kernel.hpp"

#include <cmath>

#include <opencv2/imgproc.hpp>

namespace cuebench {

cv::Mat1f disk_kernel(double radius, double alias_sigma) {
  const int reach = radius <= 8 ? 8 : static_cast<int>(radius), smoothing_side = radius <= 8 ? 3 : 5;
  cv::Mat1f disk(2 * reach + 1, 2 * reach + 1, 0.0F);
  for (int y = -reach; y <= reach; ++y)
    for (int x = -reach; x <= reach; ++x)
      if (y * y + x * x <= radius * radius) disk(y + reach, x + reach) = 1;
  disk /= cv::sum(disk)[0];
  cv::Mat1f weights(smoothing_side, 1);
  for (int i = 0; i < smoothing_side; ++i) {
    const double x = i - smoothing_side / 2;
    weights(i) = static_cast<float>(std::exp(-0.5 * x * x / (alias_sigma * alias_sigma)));
  }
  weights /= cv::sum(weights)[0];
  cv::Mat1f smoothed;
  cv::sepFilter2D(disk, smoothed, CV_32F, weights, weights);
  return smoothed;
}

}  // namespace cuebench
