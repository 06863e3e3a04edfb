#include "canny.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cuebench {
namespace {

/// Half of a symmetric kernel: [0] is the centre.
std::vector<double> half_gaussian(double sigma) {
  const int radius = static_cast<int>(4 * sigma + 0.5);
  std::vector<double> weights(radius + 1);
  double total = 0;
  for (int i = 0; i <= radius; ++i) {
    weights[i] = sigma > 0 ? std::exp(-0.5 * i * i / (sigma * sigma)) : 1;
    total += i == 0 ? weights[i] : 2 * weights[i];
  }
  for (double& weight : weights) weight /= total;
  return weights;
}

// Both passes add from the outermost weight inwards, as SciPy does: the sums then agree to the last bit, and so do
// ties.
void filter_down(const cv::Mat1d& in, const std::vector<double>& weights, cv::Mat1d& out) {
  const std::vector<double> nothing(in.cols, 0.0);
  const auto row = [&](int y) { return y < 0 || y >= in.rows ? nothing.data() : in[y]; };
  for (int y = 0; y < in.rows; ++y) {
    double* to = out[y];
    const double* centre = in[y];
    for (int x = 0; x < in.cols; ++x) to[x] = weights[0] * centre[x];
    for (int i = static_cast<int>(weights.size()) - 1; i > 0; --i) {
      const double *above = row(y - i), *below = row(y + i);
      for (int x = 0; x < in.cols; ++x) to[x] += weights[i] * (above[x] + below[x]);
    }
  }
}

void filter_right(const cv::Mat1d& in, const std::vector<double>& weights, cv::Mat1d& out) {
  const int radius = static_cast<int>(weights.size()) - 1;
  std::vector<double> padded(in.cols + 2 * radius, 0.0);
  for (int y = 0; y < in.rows; ++y) {
    std::copy_n(in[y], in.cols, padded.begin() + radius);
    const double* centre = padded.data() + radius;
    double* to = out[y];
    for (int x = 0; x < in.cols; ++x) to[x] = weights[0] * centre[x];
    for (int i = radius; i > 0; --i)
      for (int x = 0; x < in.cols; ++x) to[x] += weights[i] * (centre[x - i] + centre[x + i]);
  }
}

/// Response of the kernel to ones that end at both borders: how much of it lies inside.
std::vector<double> share_inside(int length, const std::vector<double>& weights) {
  std::vector<double> share(length, weights[0]);
  for (int x = 0; x < length; ++x)
    for (int i = 1; i < static_cast<int>(weights.size()); ++i)
      share[x] += weights[i] * ((x - i >= 0 ? 1 : 0) + (x + i < length ? 1 : 0));
  return share;
}

/// The value between a straight neighbour and a diagonal one, on one side of the pixel.
double between(const cv::Mat1d& magnitude, int y, int x, int straight_y, int straight_x, int diagonal_y, int diagonal_x,
               double w) {
  return magnitude(y + diagonal_y, x + diagonal_x) * w + magnitude(y + straight_y, x + straight_x) * (1 - w);
}

bool is_maximum(const Gradient& gradient, int y, int x) {
  const double down = gradient.down(y, x), right = gradient.right(y, x), here = gradient.magnitude(y, x);
  const double steep = std::abs(down), flat = std::abs(right);
  const bool along_diagonal = (down >= 0 && right >= 0) || (down <= 0 && right <= 0);
  const bool against_diagonal = (down <= 0 && right >= 0) || (down >= 0 && right <= 0);
  const auto larger_than_both = [&](int sy, int sx, int dy, int dx, double w) {
    return between(gradient.magnitude, y, x, sy, sx, dy, dx, w) <= here &&
           between(gradient.magnitude, y, x, -sy, -sx, -dy, -dx, w) <= here;
  };
  // Where two sectors meet, scikit-image lets the later of its four passes decide: this order is theirs, backwards.
  if (against_diagonal && steep >= flat) return larger_than_both(-1, 0, -1, 1, flat / steep);
  if (against_diagonal && steep <= flat) return larger_than_both(0, 1, -1, 1, steep / flat);
  if (along_diagonal && steep <= flat) return larger_than_both(0, 1, 1, 1, steep / flat);
  return larger_than_both(1, 0, 1, 1, flat / steep);
}

}  // namespace

cv::Mat1d smooth_within_borders(const cv::Mat1d& plane, double sigma) {
  const auto weights = half_gaussian(sigma);
  cv::Mat1d vertical(plane.size()), smooth(plane.size());
  filter_down(plane, weights, vertical);
  filter_right(vertical, weights, smooth);
  const auto rows = share_inside(plane.rows, weights), columns = share_inside(plane.cols, weights);
  for (int y = 0; y < plane.rows; ++y)
    for (int x = 0; x < plane.cols; ++x) smooth(y, x) /= rows[y] * columns[x];
  return smooth;
}

Gradient sobel_gradient(const cv::Mat1d& plane) {
  Gradient gradient{cv::Mat1d(plane.size()), cv::Mat1d(plane.size()), cv::Mat1d(plane.size())};
  for (int y = 0; y < plane.rows; ++y) {
    const double *above = plane[std::max(y - 1, 0)], *here = plane[y], *below = plane[std::min(y + 1, plane.rows - 1)];
    for (int x = 0; x < plane.cols; ++x) {
      const int left = std::max(x - 1, 0), right = std::min(x + 1, plane.cols - 1);
      const double across =
          (above[right] - above[left]) + 2 * (here[right] - here[left]) + (below[right] - below[left]);
      const double downward = (below[left] - above[left]) + 2 * (below[x] - above[x]) + (below[right] - above[right]);
      gradient.right(y, x) = across;
      gradient.down(y, x) = downward;
      gradient.magnitude(y, x) = std::sqrt(across * across + downward * downward);
    }
  }
  return gradient;
}

cv::Mat1b local_maxima(const Gradient& gradient, double least) {
  cv::Mat1b maxima(gradient.magnitude.size(), std::uint8_t{0});
  for (int y = 1; y + 1 < maxima.rows; ++y)
    for (int x = 1; x + 1 < maxima.cols; ++x) {
      const double here = gradient.magnitude(y, x);
      if (here > 0 && here >= least && is_maximum(gradient, y, x)) maxima(y, x) = 255;
    }
  return maxima;
}

cv::Mat1b canny(const cv::Mat1d& grey, const CannyOptions& options) {
  const Gradient gradient = sobel_gradient(smooth_within_borders(grey, options.sigma));
  cv::Mat1b candidates = local_maxima(gradient, options.low);
  cv::Mat1b edges(grey.size(), std::uint8_t{0});
  std::vector<cv::Point> open;
  const auto accept = [&](int y, int x) {
    edges(y, x) = 255;
    candidates(y, x) = 0;
    open.emplace_back(x, y);
  };
  for (int y = 0; y < grey.rows; ++y)
    for (int x = 0; x < grey.cols; ++x)
      if (candidates(y, x) && gradient.magnitude(y, x) >= options.high) accept(y, x);
  // Maxima never lie on the border, so the eight neighbours of one always exist.
  while (!open.empty()) {
    const cv::Point at = open.back();
    open.pop_back();
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        if (candidates(at.y + dy, at.x + dx)) accept(at.y + dy, at.x + dx);
  }
  return edges;
}

}  // namespace cuebench
