#include "label_placement.hpp"

#include <algorithm>
#include <array>

namespace cuebench {
namespace {

constexpr double kPointRadius = 5;

bool overlap(const Box& a, const Box& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

bool inside(const Box& inner, const Box& outer) {
  return inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top &&
         inner.bottom <= outer.bottom;
}

/// Boxes around a point at `distance`: right, left, above, below, then the corners.
std::array<Box, 8> candidates(const LabelledPoint& point, double height, double distance) {
  constexpr std::array<std::array<int, 2>, 8> kDirections{
      {{1, 0}, {-1, 0}, {0, -1}, {0, 1}, {1, -1}, {1, 1}, {-1, -1}, {-1, 1}}};
  std::array<Box, 8> boxes;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto [dx, dy] = kDirections[i];
    const double left = point.x + dx * distance + (dx > 0 ? 0 : dx < 0 ? -point.width : -point.width / 2);
    const double top = point.y + dy * distance + (dy > 0 ? 0 : dy < 0 ? -height : -height / 2);
    boxes[i] = {left, top, left + point.width, top + height};
  }
  return boxes;
}

}  // namespace

std::vector<std::optional<Box>> place_labels(const std::vector<LabelledPoint>& points, double height, const Box& area) {
  std::vector<Box> taken;
  for (const LabelledPoint& point : points)
    taken.push_back({point.x - kPointRadius, point.y - kPointRadius, point.x + kPointRadius, point.y + kPointRadius});
  std::vector<std::optional<Box>> places;
  for (const LabelledPoint& point : points) {
    std::optional<Box> place;
    for (double distance = kPointRadius + 1; !place && distance < 4 * height; distance += height / 2)
      for (const Box& box : candidates(point, height, distance)) {
        const bool free = inside(box, area) && std::none_of(taken.begin(), taken.end(),
                                                            [&](const Box& other) { return overlap(box, other); });
        if (free && !place) place = box;
      }
    if (place) taken.push_back(*place);
    places.push_back(place);
  }
  return places;
}

}  // namespace cuebench
