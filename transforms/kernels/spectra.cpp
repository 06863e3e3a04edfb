#include "spectra.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "random_values.hpp"

namespace cuebench {
namespace {

using Spectrum = cv::Mat_<cv::Vec2f>;

/// Without the mean, whose size would cost the other frequencies their last digits.
Spectrum spectrum_about_mean(const cv::Mat1f& grey, double mean) {
  cv::Mat1f centred;
  cv::subtract(grey, mean, centred);
  Spectrum spectrum;
  cv::dft(centred, spectrum, cv::DFT_COMPLEX_OUTPUT);
  spectrum(0, 0) = {0, 0};
  return spectrum;
}

cv::Mat1f plane_of(const Spectrum& spectrum, double mean) {
  cv::Mat1f plane;
  cv::dft(spectrum, plane, cv::DFT_INVERSE | cv::DFT_REAL_OUTPUT | cv::DFT_SCALE);
  plane += mean;
  return plane;
}

/// Index of a frequency's conjugate along an axis of `size`.
int opposite(int index, int size) {
  return index == 0 ? 0 : size - index;
}

/// Frequencies strictly between 0 and Nyquist's on an axis of `size`.
int positive_frequencies(int size) {
  return (size - 1) / 2;
}

/// e^(i pi shift) of each frequency in the first half of the block; for PhasePairs::source the mean of it and the
/// factor that its conjugate gets, conjugated. The real part of the result is the same.
std::vector<cv::Vec2f> turns_of(std::span<const float> half_turns, PhasePairs pairs) {
  const std::size_t count = half_turns.size();
  std::vector<float> cosines(count), sines(count);
  unit_circle(half_turns, cosines, sines);
  std::vector<cv::Vec2f> turns(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t j = pairs == PhasePairs::source ? count - 1 - i : i;
    turns[i] = {(cosines[i] + cosines[j]) / 2, (sines[i] + sines[j]) / 2};
  }
  return turns;
}

cv::Vec2f product(const cv::Vec2f& a, const cv::Vec2f& b) {
  return {a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]};
}

}  // namespace

std::size_t phase_shift_count(cv::Size size) {
  const std::size_t rows = 2 * positive_frequencies(size.height) + 1,
                    columns = 2 * positive_frequencies(size.width) + 1;
  return rows * columns / 2;
}

cv::Mat1f phase_scrambled(const cv::Mat1f& grey, std::span<const float> half_turns, PhasePairs pairs) {
  CV_Assert(half_turns.size() == phase_shift_count(grey.size()));
  const auto turns = turns_of(half_turns, pairs);
  const double mean = cv::mean(grey)[0];
  Spectrum spectrum = spectrum_about_mean(grey, mean);
  const int highest_v = positive_frequencies(grey.rows), highest_u = positive_frequencies(grey.cols);
  auto turn = turns.begin();
  for (int v = -highest_v; v <= 0; ++v) {
    const int y = v < 0 ? v + grey.rows : 0, mirrored_y = opposite(y, grey.rows);
    for (int u = -highest_u; u <= (v < 0 ? highest_u : -1); ++u, ++turn) {
      const int x = u < 0 ? u + grey.cols : u;
      const cv::Vec2f turned = product(spectrum(y, x), *turn);
      spectrum(y, x) = turned;
      spectrum(mirrored_y, opposite(x, grey.cols)) = {turned[0], -turned[1]};
    }
  }
  return plane_of(spectrum, mean);
}

cv::Mat1f natural_amplitudes(cv::Size size) {
  // The fit, per pixel of the images it was made on.
  const double amplitude = std::exp(7.83) / (224 * 224);
  constexpr double kExponent = -1.258, kMean = 0.454;
  const double pixels = double(size.height) * size.width, side = std::min(size.height, size.width);
  // The quarter of the frequencies that the others mirror.
  cv::Mat1f quarter(size.height / 2 + 1, size.width / 2 + 1);
  for (int v = 0; v < quarter.rows; ++v)
    for (int u = 0; u < quarter.cols; ++u) {
      const double down = side * v / size.height, across = side * u / size.width;
      quarter(v, u) = static_cast<float>(down * down + across * across);
    }
  quarter(0, 0) = 1;
  cv::pow(quarter, kExponent / 2, quarter);
  quarter *= amplitude * side * std::sqrt(pixels);
  quarter(0, 0) = static_cast<float>(kMean * pixels);
  cv::Mat1f amplitudes(size);
  for (int y = 0; y < size.height; ++y) {
    const float* from = quarter[std::min(y, size.height - y)];
    float* to = amplitudes[y];
    for (int x = 0; x < size.width; ++x) to[x] = from[std::min(x, size.width - x)];
  }
  return amplitudes;
}

cv::Mat1f with_amplitudes(const cv::Mat1f& grey, const cv::Mat1f& amplitudes, double amount) {
  CV_Assert(grey.size() == amplitudes.size());
  const double pixels = static_cast<double>(grey.total());
  const double mean = cv::mean(grey)[0], own_total = mean * pixels;
  const auto least = static_cast<float>(1e-5 * std::sqrt(pixels)), exponent = static_cast<float>(amount);
  Spectrum spectrum = spectrum_about_mean(grey, mean);
  for (int y = 0; y < grey.rows; ++y) {
    cv::Vec2f* values = spectrum[y];
    const float* wanted = amplitudes[y];
    for (int x = 0; x < grey.cols; ++x) {
      const float own = std::sqrt(values[x].dot(values[x])), ratio = wanted[x] / own;
      values[x] *= own < least ? 0.F : exponent == 1 ? ratio : std::pow(ratio, exponent);
    }
  }
  const double new_total = std::pow(own_total, 1 - amount) * std::pow(double(amplitudes(0, 0)), amount);
  return plane_of(spectrum, new_total / pixels);
}

}  // namespace cuebench
