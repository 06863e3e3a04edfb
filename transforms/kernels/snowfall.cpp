#include "snowfall.hpp"

#include <algorithm>

#include "motion_blur.hpp"

namespace cuebench {

cv::Mat1f snowfall(const std::vector<float>& normal, const ZoomAxis& rows, const ZoomAxis& columns, double angle,
                   const SnowfallOptions& options) {
  // In double: the threshold is a step, so that the last digit of a value decides about a whole flake.
  cv::Mat1d piece(rows.piece, columns.piece);
  std::transform(normal.begin(), normal.end(), piece.begin(),
                 [&](float n) { return options.mean + options.deviation * double(n); });
  const cv::Mat1d layer = enlarged(piece, rows, columns);
  cv::Mat1b flakes(layer.size());
  std::transform(layer.begin(), layer.end(), flakes.begin(), [&](double v) {
    return v < options.threshold ? std::uint8_t{0} : static_cast<std::uint8_t>(std::clamp(v, 0.0, 1.0) * 255);
  });
  cv::Mat1f blurred;
  motion_blurred(flakes, motion_taps(options.radius, options.sigma, angle)).convertTo(blurred, CV_32F, 1.0 / 255);
  return blurred;
}

cv::Mat3f snowed_on(const cv::Mat3f& picture, const cv::Mat1f& flakes, double share) {
  const auto own = static_cast<float>(share);
  cv::Mat3f snowy(picture.size());
  for (int y = 0; y < picture.rows; ++y) {
    const float *falling = flakes[y], *turned = flakes[picture.rows - 1 - y];
    for (int x = 0; x < picture.cols; ++x) {
      const cv::Vec3f& in = picture(y, x);
      const float bright = (0.299F * in[0] + 0.587F * in[1] + 0.114F * in[2]) * 1.5F + 0.5F;
      const float both = falling[x] + turned[picture.cols - 1 - x];
      for (int c = 0; c < 3; ++c) snowy(y, x)[c] = own * in[c] + (1 - own) * std::max(in[c], bright) + both;
    }
  }
  return snowy;
}

}  // namespace cuebench
