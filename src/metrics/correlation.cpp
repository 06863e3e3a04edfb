#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <stdexcept>

#include <cuebench/metrics/correlation.hpp>

namespace cuebench {
namespace {

void require_equal_size(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) throw std::invalid_argument("a correlation needs two vectors of equal size");
}

double largest_magnitude(std::span<const double> x) {
  double largest = 0;
  for (const double value : x) largest = std::max(largest, std::abs(value));
  return largest;
}

/// Exact: a rounded mean would leave a constant vector a tiny variance.
bool is_constant(std::span<const double> x) {
  return std::all_of(x.begin(), x.end(), [&](double value) { return value == x.front(); });
}

std::optional<double> quotient(double product, double x_square, double y_square) {
  // A vector with itself: exactly 1, so that many such values are constant.
  if (product == x_square && product == y_square && product > 0) return 1.0;
  const double result = product / (std::sqrt(x_square) * std::sqrt(y_square));
  if (!std::isfinite(result)) return std::nullopt;
  return std::clamp(result, -1.0, 1.0);
}

}  // namespace

std::optional<double> pearson(std::span<const double> x, std::span<const double> y) {
  require_equal_size(x, y);
  if (x.size() < 2 || is_constant(x) || is_constant(y)) return std::nullopt;
  // A correlation does not depend on scale; scaled to 1 no square overflows or vanishes.
  const double x_scale = largest_magnitude(x), y_scale = largest_magnitude(y), n = static_cast<double>(x.size());
  double x_mean = 0, y_mean = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x_mean += x[i] / x_scale;
    y_mean += y[i] / y_scale;
  }
  x_mean /= n;
  y_mean /= n;
  double product = 0, x_square = 0, y_square = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] / x_scale - x_mean, dy = y[i] / y_scale - y_mean;
    product += dx * dy;
    x_square += dx * dx;
    y_square += dy * dy;
  }
  return quotient(product, x_square, y_square);
}

std::vector<double> average_ranks(std::span<const double> x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });

  std::vector<double> ranks(x.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && x[order[end]] == x[order[first]]) ++end;
    const double shared = (static_cast<double>(first + 1) + static_cast<double>(end)) / 2;
    for (; first < end; ++first) ranks[order[first]] = shared;
  }
  return ranks;
}

std::optional<double> spearman(std::span<const double> x, std::span<const double> y) {
  require_equal_size(x, y);
  const auto finite = [](double value) { return std::isfinite(value); };
  if (x.size() < 3 || !std::all_of(x.begin(), x.end(), finite) || !std::all_of(y.begin(), y.end(), finite))
    return std::nullopt;
  return pearson(average_ranks(x), average_ranks(y));
}

std::optional<double> cosine(std::span<const double> x, std::span<const double> y) {
  require_equal_size(x, y);
  const double x_scale = largest_magnitude(x), y_scale = largest_magnitude(y);
  if (x_scale == 0 || y_scale == 0) return std::nullopt;
  double product = 0, x_square = 0, y_square = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double xi = x[i] / x_scale, yi = y[i] / y_scale;
    product += xi * yi;
    x_square += xi * xi;
    y_square += yi * yi;
  }
  return quotient(product, x_square, y_square);
}

}  // namespace cuebench
