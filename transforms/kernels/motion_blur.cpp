#include "motion_blur.hpp"

#include <cmath>
#include <numbers>

namespace cuebench {

std::vector<Tap> motion_taps(int radius, double sigma, double angle) {
  const int count = 2 * radius + 1;
  const double radians = angle * std::numbers::pi / 180;
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += weights.emplace_back(std::exp(-0.5 * i * i / (sigma * sigma)));
  std::vector<Tap> taps;
  for (int i = 0; i < count; ++i)
    taps.push_back({static_cast<int>(std::ceil(i * std::sin(radians) - 0.5)),
                    static_cast<int>(std::ceil(i * std::cos(radians) - 0.5)), static_cast<float>(weights[i] / sum)});
  return taps;
}

cv::Mat motion_blurred(const cv::Mat& picture, const std::vector<Tap>& taps) {
  CV_Assert(picture.depth() == CV_8U);
  cv::Mat levels, rounded;
  picture.convertTo(levels, CV_32F);
  sparse_filtered(levels, taps, Border::repeated).convertTo(rounded, CV_8U);
  return rounded;
}

}  // namespace cuebench
