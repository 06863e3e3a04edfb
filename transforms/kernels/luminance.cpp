#include "luminance.hpp"

#include <algorithm>
#include <cmath>

namespace cuebench {
namespace {

template <typename Real>
cv::Mat_<Real> weighted(const Image& image) {
  cv::Mat_<Real> grey(image.height, image.width);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* in = image.row(y);
    Real* out = grey[y];
    for (int x = 0; x < image.width; ++x, in += 3)
      out[x] = (Real(0.2125) * in[0] + Real(0.7154) * in[1] + Real(0.0721) * in[2]) / Real(255);
  }
  return grey;
}

}  // namespace

cv::Mat1d grey709_plane(const Image& image) {
  return weighted<double>(image);
}

cv::Mat1f grey709_plane_float(const Image& image) {
  return weighted<float>(image);
}

std::uint8_t round_to_u8(double v) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(255.0 * v + 0.5), 0.0, 255.0));
}

}  // namespace cuebench
