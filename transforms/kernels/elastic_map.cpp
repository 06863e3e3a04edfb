#include "elastic_map.hpp"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "gaussian.hpp"

namespace cuebench {
namespace {

/// The value between four pixels.
cv::Vec3f between(const cv::Mat3f& picture, const std::array<int, 2>& y, const std::array<int, 2>& x, float share_y,
                  float share_x) {
  const cv::Vec3f &a = picture(y[0], x[0]), &b = picture(y[0], x[1]), &c = picture(y[1], x[0]),
                  &d = picture(y[1], x[1]);
  const float wa = (1 - share_y) * (1 - share_x), wb = (1 - share_y) * share_x, wc = share_y * (1 - share_x),
              wd = share_y * share_x;
  return {a[0] * wa + b[0] * wb + c[0] * wc + d[0] * wd, a[1] * wa + b[1] * wb + c[1] * wc + d[1] * wd,
          a[2] * wa + b[2] * wb + c[2] * wc + d[2] * wd};
}

/// Pixels i and i + 1 of an axis, brought inside by `border` where they lie outside.
std::array<int, 2> neighbours(int i, int length, int border) {
  if (i >= 0 && i + 1 < length) return {i, i + 1};
  return {cv::borderInterpolate(i, length, border), cv::borderInterpolate(i + 1, length, border)};
}

/// From places in the result to places in the picture.
cv::Matx23d inverse_of(const cv::Matx23d& m) {
  cv::Matx23d inverse;
  cv::invertAffineTransform(m, inverse);
  return inverse;
}

/// The filter along an axis of `length` pixels as a matrix, weights outside folded in.
cv::Mat1f folded_filter(int length, const cv::Mat1d& weights) {
  const int radius = weights.rows / 2;
  cv::Mat1d matrix(length, length, 0.0);
  for (int i = 0; i < length; ++i)
    for (int k = -radius; k <= radius; ++k)
      matrix(i, cv::borderInterpolate(i + k, length, cv::BORDER_REFLECT)) += weights(k + radius);
  cv::Mat1f rounded;
  matrix.convertTo(rounded, CV_32F);
  return rounded;
}

}  // namespace

cv::Mat3f affine_jittered(const cv::Mat3f& picture, const AffineJitter& jitter) {
  const float third = static_cast<float>(std::min(picture.rows, picture.cols) / 3);
  if (third == 0) return picture;
  const cv::Point2f centre(static_cast<float>(picture.cols / 2), static_cast<float>(picture.rows / 2));
  const std::array<cv::Point2f, 3> from = {centre + cv::Point2f(third, third), centre + cv::Point2f(third, -third),
                                           centre - cv::Point2f(third, third)};
  std::array<cv::Point2f, 3> to = from;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += cv::Point2f(jitter[2 * i], jitter[2 * i + 1]);
  const cv::Matx23d map = inverse_of(cv::Matx23d(cv::getAffineTransform(from.data(), to.data())));

  // Positions in 1/1024 pixel, rounded to 1/32.
  constexpr int kFraction = 1024, kRounding = 16, kSteps = 32;
  std::vector<int> along_x(picture.cols), along_y(picture.cols);
  for (int x = 0; x < picture.cols; ++x) {
    along_x[x] = cv::saturate_cast<int>(map(0, 0) * x * kFraction);
    along_y[x] = cv::saturate_cast<int>(map(1, 0) * x * kFraction);
  }
  cv::Mat3f moved(picture.size());
  for (int y = 0; y < picture.rows; ++y) {
    const int start_x = cv::saturate_cast<int>((map(0, 1) * y + map(0, 2)) * kFraction) + kRounding;
    const int start_y = cv::saturate_cast<int>((map(1, 1) * y + map(1, 2)) * kFraction) + kRounding;
    for (int x = 0; x < picture.cols; ++x) {
      const int place_x = (start_x + along_x[x]) >> 5, place_y = (start_y + along_y[x]) >> 5;
      moved(y, x) = between(picture, neighbours(place_y >> 5, picture.rows, cv::BORDER_REFLECT_101),
                            neighbours(place_x >> 5, picture.cols, cv::BORDER_REFLECT_101),
                            static_cast<float>(place_y & (kSteps - 1)) / kSteps,
                            static_cast<float>(place_x & (kSteps - 1)) / kSteps);
    }
  }
  return moved;
}

cv::Mat1f smooth_displacement(const cv::Mat1f& field, double sigma, double scale) {
  constexpr double kTruncate = 3;
  const cv::Mat1d weights = gaussian_weights(sigma, kTruncate);
  cv::Mat1f smooth;
  if (weights.rows < std::min(field.rows, field.cols))
    smooth = gaussian_filtered(field, sigma, Border::reflected, 0, kTruncate);
  else
    smooth = folded_filter(field.rows, weights) * field * folded_filter(field.cols, weights).t();
  smooth *= scale;
  return smooth;
}

cv::Mat3f displaced(const cv::Mat3f& picture, const cv::Mat1f& dy, const cv::Mat1f& dx) {
  cv::Mat3f moved(picture.size());
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      // In double as SciPy: a single-precision sum of place and displacement loses the last bits of the share.
      const double place_y = y + double(dy(y, x)), place_x = x + double(dx(y, x));
      const int above = cvFloor(place_y), left = cvFloor(place_x);
      moved(y, x) = between(picture, neighbours(above, picture.rows, cv::BORDER_REFLECT),
                            neighbours(left, picture.cols, cv::BORDER_REFLECT), static_cast<float>(place_y - above),
                            static_cast<float>(place_x - left));
    }
  return moved;
}

}  // namespace cuebench
