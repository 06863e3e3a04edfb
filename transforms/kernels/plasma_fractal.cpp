#include "plasma_fractal.hpp"

#include <algorithm>

namespace cuebench {
namespace {

/// The heights while they grow.
struct Growth {
  cv::Mat1f heights;
  const double* uniform;
  float roughness;

  float next_noise() { return roughness * (2 * static_cast<float>(*uniform++) - 1) * roughness; }
  float wrapped(int y, int x) const { return heights(y & (heights.rows - 1), x & (heights.cols - 1)); }

  void fill_centres(int step) {
    const int half = step / 2;
    for (int y = 0; y < heights.rows; y += step)
      for (int x = 0; x < heights.cols; x += step)
        heights(y + half, x + half) =
            (heights(y, x) + wrapped(y + step, x) + wrapped(y, x + step) + wrapped(y + step, x + step)) / 4 +
            next_noise();
  }
  /// The point between two corners and two centres: (y, x) is one of the corners' rows plus `dy`, columns plus `dx`.
  void fill_edges(int step, int dy, int dx) {
    const int half = step / 2;
    for (int y = dy; y < heights.rows; y += step)
      for (int x = dx; x < heights.cols; x += step)
        heights(y, x) =
            (wrapped(y - half, x) + wrapped(y + half, x) + wrapped(y, x - half) + wrapped(y, x + half)) / 4 +
            next_noise();
  }
};

}  // namespace

std::size_t plasma_draws(int side) {
  return std::size_t(side) * side - 1;
}

cv::Mat1f plasma_fractal(int side, double decay, const std::vector<double>& uniform) {
  CV_Assert(side >= 2 && (side & (side - 1)) == 0 && uniform.size() == plasma_draws(side));
  Growth growth{cv::Mat1f(side, side, 0.0F), uniform.data(), 100};
  for (int step = side; step >= 2; step /= 2) {
    growth.fill_centres(step);
    growth.fill_edges(step, 0, step / 2);
    growth.fill_edges(step, step / 2, 0);
    growth.roughness = static_cast<float>(growth.roughness / decay);
  }
  const auto [low, high] = std::minmax_element(growth.heights.begin(), growth.heights.end());
  const float lowest = *low, range = *high - *low;
  for (float& height : growth.heights) height = range > 0 ? (height - lowest) / range : 0;
  return growth.heights;
}

}  // namespace cuebench
