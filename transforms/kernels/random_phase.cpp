#include "random_phase.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace cuebench {
namespace {

using Spectrum = cv::Mat_<cv::Vec2f>;

Spectrum spectrum_of(const cv::Mat1f& plane) {
  Spectrum spectrum;
  cv::dft(plane, spectrum, cv::DFT_COMPLEX_OUTPUT);
  return spectrum;
}

cv::Mat1f plane_of(const Spectrum& spectrum) {
  cv::Mat1f plane;
  cv::dft(spectrum, plane, cv::DFT_INVERSE | cv::DFT_REAL_OUTPUT | cv::DFT_SCALE);
  return plane;
}

/// Applies `change` to each channel on its own.
template <typename Change>
cv::Mat3f per_channel(const cv::Mat3f& image, Change change) {
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  for (cv::Mat& channel : channels) channel = change(cv::Mat1f(channel));
  cv::Mat3f result;
  cv::merge(channels, result);
  return result;
}

/// The smooth part solves a Poisson equation whose right side is the jump across the wrapped borders.
cv::Mat1f without_border_jump(const cv::Mat1f& plane) {
  const int rows = plane.rows, columns = plane.cols;
  cv::Mat1f jump(plane.size(), 0.f);
  for (int x = 0; x < columns; ++x) {
    const float difference = plane(0, x) - plane(rows - 1, x);
    jump(0, x) += difference;
    jump(rows - 1, x) -= difference;
  }
  for (int y = 0; y < rows; ++y) {
    const float difference = plane(y, 0) - plane(y, columns - 1);
    jump(y, 0) += difference;
    jump(y, columns - 1) -= difference;
  }
  Spectrum smooth = spectrum_of(jump);
  for (int v = 0; v < rows; ++v)
    for (int u = 0; u < columns; ++u) {
      const double laplacian =
          4 - 2 * std::cos(2 * std::numbers::pi * v / rows) - 2 * std::cos(2 * std::numbers::pi * u / columns);
      smooth(v, u) = v + u == 0 ? cv::Vec2f(0, 0) : cv::Vec2f(smooth(v, u) * (1 / laplacian));
    }
  cv::Mat1f periodic;
  cv::subtract(plane, plane_of(smooth), periodic);
  return periodic;
}

}  // namespace

cv::Mat3f periodic_part(const cv::Mat3f& image) {
  return per_channel(image, without_border_jump);
}

cv::Mat3f random_phase(const cv::Mat3f& image, const cv::Mat1f& noise) {
  Spectrum turn = spectrum_of(noise);
  for (cv::Vec2f& value : turn) {
    const float length = std::hypot(value[0], value[1]);
    value = length > 0 ? cv::Vec2f(value / length) : cv::Vec2f(1, 0);
  }
  return per_channel(image, [&](const cv::Mat1f& plane) {
    Spectrum spectrum = spectrum_of(plane), turned;
    const cv::Vec2f mean = spectrum(0, 0);
    cv::mulSpectrums(spectrum, turn, turned, 0);
    turned(0, 0) = mean;
    return plane_of(turned);
  });
}

}  // namespace cuebench
