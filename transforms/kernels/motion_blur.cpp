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
  cv::Mat levels;
  picture.convertTo(levels, CV_32F);
  const cv::Mat sums = sparse_filtered(levels, taps, Border::repeated);
  // Rounding 257 v before the division lifts a value by at most half a 257th.
  constexpr float kHalfStep = 0.5F / 257;
  cv::Mat cut(picture.size(), picture.type());
  const int count = picture.cols * picture.channels();
  for (int y = 0; y < picture.rows; ++y) {
    const float* in = sums.ptr<float>(y);
    std::uint8_t* out = cut.ptr<std::uint8_t>(y);
    for (int i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(static_cast<int>(in[i] + kHalfStep));
  }
  return cut;
}

}  // namespace cuebench
