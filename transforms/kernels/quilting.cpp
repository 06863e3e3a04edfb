#include "quilting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "mat_view.hpp"

namespace cuebench {
namespace {

constexpr std::array<int, 7> kShares = {5, 7, 10, 14, 20, 28, 40};
constexpr std::size_t kEnoughPlaces = 16;
constexpr int kSmallestWindow = 4;

/// Top-left corners of the windows of `side` that lie wholly in the foreground.
std::vector<cv::Point> places_inside(const cv::Size& size, const cv::Mat1i& sums, int side) {
  std::vector<cv::Point> places;
  for (int y = 0; y + side <= size.height; ++y)
    for (int x = 0; x + side <= size.width; ++x) {
      if (!sums.empty() && sums(y + side, x + side) - sums(y, x + side) - sums(y + side, x) + sums(y, x) != side * side)
        continue;
      places.emplace_back(x, y);
    }
  return places;
}

/// Windows about every foreground pixel, moved into the picture.
std::vector<cv::Point> places_about(const Plane& mask, int side) {
  std::vector<cv::Point> places;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      if (mask.row(y)[x] >= 128)
        places.emplace_back(std::clamp(x - side / 2, 0, mask.width - side),
                            std::clamp(y - side / 2, 0, mask.height - side));
  return places;
}

struct Windows {
  int side;
  std::vector<cv::Point> places;
};

Windows find_windows(const Image& source, const Plane* mask) {
  const cv::Size size(source.width, source.height);
  const int shorter = std::min(size.width, size.height), smallest = std::min(kSmallestWindow, shorter);
  cv::Mat1i sums;
  if (mask) cv::integral(view(*mask) >= 128, sums, CV_32S);
  sums /= 255;
  for (const int share : kShares) {
    const int side = std::max(shorter / share, smallest);
    Windows windows{side, places_inside(size, sums, side)};
    if (windows.places.size() >= kEnoughPlaces) return windows;
  }
  Windows windows{smallest, places_inside(size, sums, smallest)};
  if (windows.places.empty() && mask) windows.places = places_about(*mask, smallest);
  if (windows.places.empty()) windows.places = places_inside(size, {}, smallest);
  return windows;
}

/// Window pixel (u, v) after one of the 8 flips and turns.
cv::Point turned(int u, int v, int last, int flip) {
  if (flip & 1) u = last - u;
  if (flip & 2) v = last - v;
  return flip & 4 ? cv::Point(v, u) : cv::Point(u, v);
}

std::vector<float> window_weights(int side) {
  std::vector<float> weights(side);
  for (int i = 0; i < side; ++i)
    weights[i] = static_cast<float>(std::pow(std::sin(std::numbers::pi * (i + 0.5) / side), 4));
  return weights;
}

}  // namespace

int quilting_window(const Image& source, const Plane* mask) {
  return find_windows(source, mask).side;
}

cv::Mat3f quilted(const Image& source, const Plane* mask, int height, int width, RandomStream& random) {
  const Windows windows = find_windows(source, mask);
  const int side = windows.side, step = std::max(1, side / 2);
  const std::vector<float> weights = window_weights(side);
  const cv::Mat3b pixels = view(source);
  cv::Mat3f sum(height, width, cv::Vec3f(0, 0, 0));
  cv::Mat1f weight(height, width, 0.F);
  const int rows = std::max(1, (height + step - 1) / step), columns = std::max(1, (width + step - 1) / step);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      const cv::Point from = windows.places[random.below(windows.places.size())];
      const int flip = static_cast<int>(random.below(8));
      const int top = r * height / rows, left = c * width / columns;
      for (int v = 0; v < side; ++v) {
        const int y = (top + v) % height;
        for (int u = 0; u < side; ++u) {
          const int x = (left + u) % width;
          const float w = weights[u] * weights[v];
          const cv::Vec3b& pixel = pixels(from + turned(u, v, side - 1, flip));
          for (int k = 0; k < 3; ++k) sum(y, x)[k] += w * pixel[k];
          weight(y, x) += w;
        }
      }
    }
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) sum(y, x) /= weight(y, x);
  return sum;
}

}  // namespace cuebench
