#include "spatter_layer.hpp"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "gaussian.hpp"

namespace cuebench {
namespace {

/// NumPy's cast of scale * values to bytes, where values outside wrap around; here they are clipped.
template <typename Real>
cv::Mat1b cut_to_bytes(const cv::Mat_<Real>& values, Real scale) {
  cv::Mat1b bytes(values.size());
  std::transform(values.begin(), values.end(), bytes.begin(),
                 [scale](Real v) { return cv::saturate_cast<std::uint8_t>(static_cast<int>(v * scale)); });
  return bytes;
}

}  // namespace

cv::Mat1d liquid_layer(const cv::Mat1d& noise, double sigma, double threshold) {
  cv::Mat1d liquid = gaussian_filtered(noise, sigma, Border::repeated);
  cv::threshold(liquid, liquid, threshold, 0, cv::THRESH_TOZERO);
  return liquid;
}

cv::Mat1f water_layer(const cv::Mat1d& liquid, double strength) {
  const cv::Mat1b layer = cut_to_bytes(liquid, 255.0);
  cv::Mat1b outlines;
  cv::Canny(layer, outlines, 50, 150);
  cv::Mat1f distance;
  cv::distanceTransform(255 - outlines, distance, cv::DIST_L2, cv::DIST_MASK_5);
  constexpr double kFarthest = 20;
  cv::threshold(distance, distance, kFarthest, kFarthest, cv::THRESH_TRUNC);
  cv::blur(distance, distance, {3, 3});
  cv::Mat1b relief;
  cv::equalizeHist(cut_to_bytes(distance, 1.0F), relief);
  const cv::Matx33f emboss(-2, -1, 0, -1, 1, 1, 0, 1, 2);
  cv::filter2D(relief, relief, CV_8U, emboss);
  cv::blur(relief, relief, {3, 3});
  cv::Mat1f water;
  cv::multiply(layer, relief, water, 1, CV_32F);
  double highest;
  cv::minMaxLoc(water, nullptr, &highest);
  if (highest > 0) water *= strength / highest;
  return water;
}

cv::Mat1f mud_layer(const cv::Mat1d& liquid, double threshold, double sigma) {
  cv::Mat1f wet(liquid.size());
  std::transform(liquid.begin(), liquid.end(), wet.begin(), [&](double v) { return v > threshold ? 1.0F : 0.0F; });
  cv::Mat1f mud = gaussian_filtered(wet, sigma, Border::repeated);
  constexpr double kThinnest = 0.8;
  for (float& share : mud)
    if (share < kThinnest) share = 0;
  return mud;
}

}  // namespace cuebench
