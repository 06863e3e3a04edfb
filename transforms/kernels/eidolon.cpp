#include "eidolon.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "gaussian.hpp"
#include "random_values.hpp"

namespace cuebench {
namespace {

double longest_length(cv::Size size) {
  return std::min(size.height, size.width) / 7.0;
}

/// A frequency index on an axis of `size` in cycles per pixel, at most .5 from 0.
double frequency(int index, int size) {
  return double(index <= size / 2 ? index : index - size) / size;
}

/// Transfer function of the Gaussian filter along one axis, in cv::dft's order.
std::vector<float> gaussian_transfer(int size, double sigma) {
  std::vector<float> transfer(size);
  for (int i = 0; i < size; ++i) {
    const double angle = 2 * std::numbers::pi * sigma * frequency(i, size);
    transfer[i] = static_cast<float>(std::exp(-0.5 * angle * angle));
  }
  return transfer;
}

/// Transfer below which a frequency is left out.
constexpr float kNegligible = 1e-4F;

/// Inverse Fourier transform of a spectrum whose rows are empty but for the first `filled` and their mirror images.
DisplacementField inverse_transform(DisplacementField& spectrum, int filled) {
  constexpr int kAlongRows = cv::DFT_INVERSE | cv::DFT_ROWS;
  const int rows = spectrum.rows;
  const auto transform_rows = [&](int first, int end) {
    if (first < end) cv::dft(spectrum.rowRange(first, end), spectrum.rowRange(first, end), kAlongRows);
  };
  transform_rows(0, filled);
  transform_rows(std::max(filled, rows - filled + 1), rows);
  DisplacementField columns, field;
  cv::transpose(spectrum, columns);
  cv::dft(columns, columns, kAlongRows);
  cv::transpose(columns, field);
  return field;
}

void standardise(DisplacementField& field) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(field, mean, deviation);
  const auto factor = [&](int c) { return deviation[c] > 0 ? 1 / deviation[c] : 0; };
  const cv::Vec2f scale(factor(0), factor(1)), shift(mean[0] * factor(0), mean[1] * factor(1));
  for (cv::Vec2f& value : field) value = {value[0] * scale[0] - shift[0], value[1] * scale[1] - shift[1]};
}

/// Whole part of a coordinate, mirrored into 0..size - 1 with the edge pixel doubled.
int mirrored_pixel(float coordinate, int size) {
  int pixel = static_cast<int>(coordinate);
  pixel -= coordinate < static_cast<float>(pixel) ? 1 : 0;
  if (pixel >= 0 && pixel < size) return pixel;
  pixel %= 2 * size;
  if (pixel < 0) pixel += 2 * size;
  return pixel < size ? pixel : 2 * size - 1 - pixel;
}

void add_displaced(const cv::Mat1f& level, const DisplacementField& field, float reach, cv::Mat1f& sum) {
  for (int y = 0; y < level.rows; ++y) {
    const cv::Vec2f* shift = field[y];
    float* out = sum[y];
    for (int x = 0; x < level.cols; ++x) {
      const int from_x = mirrored_pixel(static_cast<float>(x) + reach * shift[x][0], level.cols);
      const int from_y = mirrored_pixel(static_cast<float>(y) + reach * shift[x][1], level.rows);
      out[x] += level(from_y, from_x);
    }
  }
}

/// c of every scale: from the coarsest down, each adds its own field to the sum of the coarser ones.
std::vector<DisplacementField> coherent_fields(cv::Size size, const std::vector<double>& scales, RandomStream& random) {
  std::vector<DisplacementField> fields(scales.size());
  DisplacementField sum(size, cv::Vec2f(0, 0));
  for (std::size_t k = scales.size(); k-- > 0;) {
    cv::scaleAdd(gaussian_field(size, scales[k], random), scales[k], sum, sum);
    fields[k] = sum.clone();
    standardise(fields[k]);
  }
  return fields;
}

}  // namespace

std::vector<double> eidolon_scales(cv::Size size) {
  const auto scale = [](std::size_t k) { return std::exp2((double(k) - 1) / 2); };
  std::vector<double> scales = {scale(0)};
  while (scale(scales.size()) <= longest_length(size)) scales.push_back(scale(scales.size()));
  return scales;
}

std::vector<cv::Mat1f> scale_differences(const cv::Mat1f& grey, const std::vector<double>& scales) {
  std::vector<cv::Mat1f> levels = {gaussian_filtered(grey, scales[0], Border::reflected)};
  for (std::size_t k = 1; k < scales.size(); ++k) {
    // From one scale to the next in one more blur: variances add.
    const double step = std::sqrt(scales[k] * scales[k] - scales[k - 1] * scales[k - 1]);
    levels.push_back(gaussian_filtered(levels.back(), step, Border::reflected));
    levels[k - 1] -= levels[k];
  }
  return levels;
}

cv::Mat1f disarrayed(const std::vector<cv::Mat1f>& levels, const std::vector<DisplacementField>& fields, double reach) {
  CV_Assert(levels.size() == fields.size());
  cv::Mat1f sum(levels.front().size(), 0.F);
  for (std::size_t k = 0; k < levels.size(); ++k) add_displaced(levels[k], fields[k], static_cast<float>(reach), sum);
  return sum;
}

DisplacementField gaussian_field(cv::Size size, double sigma, RandomStream& random) {
  const auto down = gaussian_transfer(size.height, sigma), across = gaussian_transfer(size.width, sigma);
  const auto kept = [&](int x, int y) { return down[y] * across[x] > kNegligible; };
  std::size_t count = 0;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) count += kept(x, y);
  const auto noise = normal_values(random, 2 * count);
  // The inverse transform of independent complex noise has two independent parts: one field each.
  DisplacementField spectrum(size, cv::Vec2f(0, 0));
  auto value = noise.begin();
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      if (!kept(x, y)) continue;
      const float amplitude = down[y] * across[x];
      spectrum(y, x) = {amplitude * value[0], amplitude * value[1]};
      value += 2;
    }
  spectrum(0, 0) = {0, 0};
  const auto filled = std::count_if(down.begin(), down.begin() + size.height / 2 + 1,
                                    [](float transfer) { return transfer > kNegligible; });
  DisplacementField field = inverse_transform(spectrum, static_cast<int>(filled));
  standardise(field);
  return field;
}

std::vector<DisplacementField> displacement_fields(cv::Size size, const std::vector<double>& scales, double coherence,
                                                   double grain, RandomStream& random) {
  std::vector<DisplacementField> fields;
  if (coherence > 0) fields = coherent_fields(size, scales, random);
  if (coherence == 1) return fields;
  for (std::size_t k = 0; k < scales.size(); ++k) {
    DisplacementField own = gaussian_field(size, std::min(grain, longest_length(size)), random);
    if (coherence > 0)
      cv::addWeighted(fields[k], coherence, own, 1 - coherence, 0, fields[k]);
    else
      fields.push_back(own);
  }
  return fields;
}

}  // namespace cuebench
