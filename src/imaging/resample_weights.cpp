#include "resample_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cuebench {
namespace {

double box_kernel(double x) {
  return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

double bilinear_kernel(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -1/2; the order of operations is Pillow's.
double bicubic_kernel(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos_kernel(double x) {
  return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

struct Kernel {
  double (*value)(double);
  double support;
};

Kernel kernel_of(Resampling resampling) {
  switch (resampling) {
    case Resampling::box:
      return {box_kernel, 0.5};
    case Resampling::bicubic:
      return {bicubic_kernel, 2.0};
    case Resampling::lanczos:
      return {lanczos_kernel, 3.0};
    case Resampling::nearest:
    case Resampling::bilinear:
      break;
  }
  return {bilinear_kernel, 1.0};
}

std::int32_t to_fixed_point(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

int ResampleWeights::input_begin() const {
  return *std::min_element(first.begin(), first.end());
}

int ResampleWeights::input_end() const {
  int end = 0;
  for (std::size_t i = 0; i < first.size(); ++i) end = std::max(end, first[i] + count[i]);
  return end;
}

ResampleWeights resample_weights(int in_size, int out_size, int begin, int length, Resampling resampling) {
  const Kernel kernel = kernel_of(resampling);
  const double scale = double(in_size) / out_size;
  const double kernel_scale = std::max(scale, 1.0);  // antialias: the kernel widens when shrinking, never narrows
  const double support = kernel.support * kernel_scale;
  const double inverse_scale = 1.0 / kernel_scale;

  ResampleWeights result;
  result.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  result.first.resize(length);
  result.count.resize(length);
  result.weights.resize(std::size_t(length) * result.stride);
  std::vector<double> exact(result.stride);
  for (int i = 0; i < length; ++i) {
    const double center = (begin + i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in_size) - first;
    double sum = 0;
    for (int k = 0; k < count; ++k) sum += exact[k] = kernel.value((k + first - center + 0.5) * inverse_scale);
    for (int k = 0; k < count; ++k) {
      const double weight = sum != 0.0 ? exact[k] / sum : exact[k];
      result.weights[std::size_t(i) * result.stride + k] = to_fixed_point(weight);
    }
    result.first[i] = first;
    result.count[i] = count;
  }
  return result;
}

}  // namespace cuebench
