#include "geometry.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cuebench::synthetic {

float area_of(const Outline& outline) {
  float twice = 0;
  for (const Contour& contour : outline) {
    for (std::size_t i = 0; i < contour.size(); ++i) {
      const Point a = contour[i], b = contour[(i + 1) % contour.size()];
      twice += a.x * b.y - b.x * a.y;
    }
  }
  return std::abs(twice) / 2;
}

float radius_of(const Outline& outline) {
  float radius = 0;
  for (const Contour& contour : outline) {
    for (const Point p : contour) radius = std::max(radius, std::hypot(p.x, p.y));
  }
  return radius;
}

Outline scaled(Outline outline, float factor) {
  for (Contour& contour : outline) {
    for (Point& p : contour) p = {p.x * factor, p.y * factor};
  }
  return outline;
}

Outline centred(Outline outline) {
  Point low{1e9F, 1e9F}, high{-1e9F, -1e9F};
  for (const Contour& contour : outline) {
    for (const Point p : contour) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const Point middle{(low.x + high.x) / 2, (low.y + high.y) / 2};
  for (Contour& contour : outline) {
    for (Point& p : contour) p = {p.x - middle.x, p.y - middle.y};
  }
  return outline;
}

Contour rounded(const Contour& contour) {
  Contour result;
  result.reserve(2 * contour.size());
  for (std::size_t i = 0; i < contour.size(); ++i) {
    const Point a = contour[i], b = contour[(i + 1) % contour.size()];
    result.push_back({0.75F * a.x + 0.25F * b.x, 0.75F * a.y + 0.25F * b.y});
    result.push_back({0.25F * a.x + 0.75F * b.x, 0.25F * a.y + 0.75F * b.y});
  }
  return result;
}

Contour circle(Point centre, float radius, int count, int direction) {
  Contour contour;
  contour.reserve(std::size_t(count));
  for (int i = 0; i < count; ++i) {
    const float angle = 2 * std::numbers::pi_v<float> * float(i * direction) / float(count);
    contour.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
  }
  return contour;
}

}  // namespace cuebench::synthetic
