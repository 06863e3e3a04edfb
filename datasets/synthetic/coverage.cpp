#include "coverage.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cuebench::synthetic {
namespace {

/// Accumulates, for each pixel, the change of coverage against its left neighbour; a running sum gives coverage.
class Accumulator {
 public:
  explicit Accumulator(int side) : side_(side), stride_(side + 2), cells_(std::size_t(side) * stride_, 0.0F) {}

  void add_edge(Point a, Point b) {
    if (a.y == b.y) return;
    float direction = 1;
    if (a.y > b.y) {
      std::swap(a, b);
      direction = -1;
    }
    if (b.y <= 0 || a.y >= float(side_)) return;
    const float slope = (b.x - a.x) / (b.y - a.y);
    if (a.y < 0) a = {a.x - a.y * slope, 0};
    if (b.y > float(side_)) b = {b.x - (b.y - float(side_)) * slope, float(side_)};
    add_clipped_in_x(a, b, slope, direction);
  }

  Field coverage() const {
    Field field(side_);
    for (int y = 0; y < side_; ++y) {
      const float* cells = cells_.data() + std::size_t(y) * stride_;
      float* out = field.row(y);
      float sum = 0;
      for (int x = 0; x < side_; ++x) {
        sum += cells[x];
        out[x] = std::min(1.0F, std::abs(sum));
      }
    }
    return field;
  }

 private:
  /// What lies left of the square covers whole rows of it; what lies right of it covers nothing.
  void add_clipped_in_x(Point a, Point b, float slope, float direction) {
    const float right = float(side_);
    for (const float border : {0.0F, right}) {
      if ((a.x < border && b.x > border) || (a.x > border && b.x < border)) {
        const Point cut{border, std::clamp(a.y + (border - a.x) / slope, a.y, b.y)};
        add_clipped_in_x(a, cut, slope, direction);
        add_clipped_in_x(cut, b, slope, direction);
        return;
      }
    }
    if (a.x >= right && b.x >= right) return;
    if (a.x <= 0 && b.x <= 0) a.x = b.x = 0;
    add_rows(a, b, direction);
  }

  void add_rows(Point a, Point b, float direction) {
    if (b.y <= a.y) return;
    const float slope = (b.x - a.x) / (b.y - a.y);
    const int last = std::min(side_ - 1, int(std::ceil(b.y)) - 1);
    float x = a.x;
    for (int y = int(a.y); y <= last; ++y) {
      const float height = std::min(float(y + 1), b.y) - std::max(float(y), a.y);
      const float next = std::clamp(x + slope * height, 0.0F, float(side_));
      add_in_row(cells_.data() + std::size_t(y) * stride_, x, next, direction * height);
      x = next;
    }
  }

  /// An edge through one row from `from` to `to`, which adds `amount` of coverage to all pixels right of it.
  static void add_in_row(float* cells, float from, float to, float amount) {
    const float low = std::min(from, to), high = std::max(from, to);
    const int first = int(low), last = int(std::ceil(high));
    if (last <= first + 1) {
      const float right_share = (low + high) / 2 - float(first);
      cells[first] += amount * (1 - right_share);
      cells[first + 1] += amount * right_share;
      return;
    }
    // Trapezia: `full` is the part of the amount that one whole pixel of width takes.
    const float full = amount / (high - low);
    const float in_first = float(first + 1) - low;
    float before = 0;
    for (int x = first; x < last; ++x) {
      const float covered = std::min(float(x + 1), high);
      // Coverage of pixel x: the area right of the edge, within the pixel.
      const float inside = x == first ? in_first * in_first / 2
                                      : (covered - low) * (float(x + 1) - covered) + area_below(low, float(x), covered);
      cells[x] += full * inside - before;
      before = full * inside;
    }
    cells[last] += amount - before;
  }

  /// Integral of (t - low) for t from `begin` to `end`.
  static float area_below(float low, float begin, float end) {
    return ((end - low) * (end - low) - (begin - low) * (begin - low)) / 2;
  }

  int side_;
  int stride_;
  std::vector<float> cells_;
};

}  // namespace

Box bounds_of(const Outline& outline, int side) {
  Point low{1e9F, 1e9F}, high{-1e9F, -1e9F};
  for (const Contour& contour : outline) {
    for (const Point p : contour) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const auto clip = [side](float value) { return int(std::clamp(value, 0.0F, float(side))); };
  return {clip(std::floor(low.x)), clip(std::floor(low.y)), clip(std::ceil(high.x)), clip(std::ceil(high.y))};
}

Field coverage_of(const Outline& outline, int side) {
  Accumulator accumulator(side);
  for (const Contour& contour : outline) {
    for (std::size_t i = 0; i < contour.size(); ++i) {
      accumulator.add_edge(contour[i], contour[(i + 1) % contour.size()]);
    }
  }
  return accumulator.coverage();
}

}  // namespace cuebench::synthetic
