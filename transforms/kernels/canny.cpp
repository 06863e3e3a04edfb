#include "canny.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {
namespace {

/// One register of AVX2, or two of any x86-64.
using FourDoubles = double __attribute__((vector_size(32)));
constexpr int kLanes = 4;

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

/// out[x] = sum of weights[i] (before[i][x] + after[i][x]), outermost first; [0] is the centre.
void weighted_sum(const std::vector<const double*>& before, const std::vector<const double*>& after,
                  const std::vector<double>& weights, double* out, int length) {
  vectorised(
      [](const double* const* left, const double* const* right, const double* factors, int count, double* __restrict to,
         int size) CUEBENCH_INLINE_BODY {
        constexpr int kGroups = 4;
        int x = 0;
        for (; x + kLanes * kGroups <= size; x += kLanes * kGroups) {
          FourDoubles sums[kGroups], a, b;
          for (int g = 0; g < kGroups; ++g) {
            std::memcpy(&a, left[0] + x + kLanes * g, sizeof a);
            sums[g] = factors[0] * a;
          }
          for (int i = count; i-- > 1;)
            for (int g = 0; g < kGroups; ++g) {
              std::memcpy(&a, left[i] + x + kLanes * g, sizeof a);
              std::memcpy(&b, right[i] + x + kLanes * g, sizeof b);
              sums[g] += factors[i] * (a + b);
            }
          for (int g = 0; g < kGroups; ++g) std::memcpy(to + x + kLanes * g, &sums[g], sizeof a);
        }
        for (; x < size; ++x) {
          double sum = factors[0] * left[0][x];
          for (int i = count; i-- > 1;) sum += factors[i] * (left[i][x] + right[i][x]);
          to[x] = sum;
        }
      },
      before.data(), after.data(), weights.data(), static_cast<int>(weights.size()), out, length);
}

// Both passes add from the outermost weight inwards, as SciPy does: the sums then agree to the last bit, and so do
// ties.
void filter_down(const cv::Mat1d& in, const std::vector<double>& weights, cv::Mat1d& out) {
  const std::vector<double> nothing(in.cols, 0.0);
  const auto row = [&](int y) { return y < 0 || y >= in.rows ? nothing.data() : in[y]; };
  const int count = static_cast<int>(weights.size());
  std::vector<const double*> above(count), below(count);
  for (int y = 0; y < in.rows; ++y) {
    for (int i = 0; i < count; ++i) {
      above[i] = row(y - i);
      below[i] = row(y + i);
    }
    weighted_sum(above, below, weights, out[y], in.cols);
  }
}

void filter_right(const cv::Mat1d& in, const std::vector<double>& weights, cv::Mat1d& out) {
  const int radius = static_cast<int>(weights.size()) - 1;
  std::vector<double> padded(in.cols + 2 * radius, 0.0);
  double* const centre = padded.data() + radius;
  std::vector<const double*> left(weights.size()), right(weights.size());
  for (int i = 0; i <= radius; ++i) {
    left[i] = centre - i;
    right[i] = centre + i;
  }
  for (int y = 0; y < in.rows; ++y) {
    std::copy_n(in[y], in.cols, centre);
    weighted_sum(left, right, weights, out[y], in.cols);
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

/// The same for all pixels x of a row, 1 <= x < the result, which is where fewer than kLanes pixels are left: the
/// sector is chosen by masks. `magnitudes` are the rows above, here and below.
int mark_maxima(const std::array<const double*, 3>& magnitudes, const double* down_row, const double* right_row,
                double least, std::uint8_t* maxima, int width) {
  int end = 1;
  vectorised(
      [](const double* above, const double* here, const double* below, const double* downs, const double* rights,
         double limit, std::uint8_t* __restrict out, int columns, int* reached) CUEBENCH_INLINE_BODY {
        const auto load = [](FourDoubles& to, const double* from)
                              CUEBENCH_INLINE_BODY { std::memcpy(&to, from, sizeof to); };
        int x = 1;
        for (; x + kLanes < columns; x += kLanes) {
          FourDoubles down, right, centre, north, south, east, west, north_east, north_west, south_east, south_west;
          load(down, downs + x), load(right, rights + x), load(centre, here + x);
          load(north, above + x), load(south, below + x), load(west, here + x - 1), load(east, here + x + 1);
          load(north_west, above + x - 1), load(north_east, above + x + 1);
          load(south_west, below + x - 1), load(south_east, below + x + 1);
          const FourDoubles steep = down < 0 ? -down : down, flat = right < 0 ? -right : right;
          const auto against = ((down <= 0) & (right >= 0)) | ((down >= 0) & (right <= 0));
          const auto vertical = (against & (steep >= flat)) | (~against & (steep > flat));
          const FourDoubles w = vertical ? flat / steep : steep / flat;
          const FourDoubles ahead = against ? north_east : south_east, behind = against ? south_west : north_west;
          const FourDoubles before = against ? north : south, after = against ? south : north;
          const FourDoubles straight = vertical ? before : east, opposite = vertical ? after : west;
          const auto largest = (ahead * w + straight * (1 - w) <= centre) &
                               (behind * w + opposite * (1 - w) <= centre) & (centre > 0) & (centre >= limit);
          for (int i = 0; i < kLanes; ++i) out[x + i] = static_cast<std::uint8_t>(largest[i]);
        }
        *reached = x;
      },
      magnitudes[0], magnitudes[1], magnitudes[2], down_row, right_row, least, maxima, width, &end);
  return end;
}

}  // namespace

cv::Mat1d smooth_within_borders(const cv::Mat1d& plane, double sigma) {
  const auto weights = half_gaussian(sigma);
  cv::Mat1d vertical(plane.size()), smooth(plane.size());
  filter_down(plane, weights, vertical);
  filter_right(vertical, weights, smooth);
  const auto rows = share_inside(plane.rows, weights), columns = share_inside(plane.cols, weights);
  for (int y = 0; y < plane.rows; ++y)
    vectorised(
        [](double* __restrict values, const double* shares, double share, int length) CUEBENCH_INLINE_BODY {
          for (int x = 0; x < length; ++x) values[x] /= share * shares[x];
        },
        smooth[y], columns.data(), rows[y], plane.cols);
  return smooth;
}

Gradient sobel_gradient(const cv::Mat1d& plane) {
  Gradient gradient{cv::Mat1d(plane.size()), cv::Mat1d(plane.size()), cv::Mat1d(plane.size())};
  for (int y = 0; y < plane.rows; ++y) {
    const double *above = plane[std::max(y - 1, 0)], *here = plane[y], *below = plane[std::min(y + 1, plane.rows - 1)];
    vectorised(
        [](const double* up, const double* middle, const double* down, double* __restrict right_out,
           double* __restrict down_out, double* __restrict magnitude, int width) CUEBENCH_INLINE_BODY {
          const auto at = [=](int left, int x, int right) CUEBENCH_INLINE_BODY {
            const double across =
                (up[right] - up[left]) + 2 * (middle[right] - middle[left]) + (down[right] - down[left]);
            const double downward = (down[left] - up[left]) + 2 * (down[x] - up[x]) + (down[right] - up[right]);
            right_out[x] = across;
            down_out[x] = downward;
            magnitude[x] = __builtin_sqrt(across * across + downward * downward);
          };
          at(0, 0, width > 1 ? 1 : 0);
          for (int x = 1; x + 1 < width; ++x) at(x - 1, x, x + 1);
          if (width > 1) at(width - 2, width - 1, width - 1);
        },
        above, here, below, gradient.right[y], gradient.down[y], gradient.magnitude[y], plane.cols);
  }
  return gradient;
}

cv::Mat1b local_maxima(const Gradient& gradient, double least) {
  cv::Mat1b maxima(gradient.magnitude.size(), std::uint8_t{0});
  for (int y = 1; y + 1 < maxima.rows; ++y) {
    const cv::Mat1d& m = gradient.magnitude;
    int x = mark_maxima({m[y - 1], m[y], m[y + 1]}, gradient.down[y], gradient.right[y], least, maxima[y], maxima.cols);
    for (; x + 1 < maxima.cols; ++x) {
      const double here = m(y, x);
      if (here > 0 && here >= least && is_maximum(gradient, y, x)) maxima(y, x) = 255;
    }
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
  for (int y = 0; y < grey.rows; ++y) {
    const std::uint8_t* candidate = candidates[y];
    const double* magnitude = gradient.magnitude[y];
    for (int x = 0; x < grey.cols; ++x)
      if (candidate[x] && magnitude[x] >= options.high) accept(y, x);
  }
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
