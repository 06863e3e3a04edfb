#pragma once
// Where the names of points go, so that they cover neither each other nor the points.

#include <optional>
#include <vector>

namespace cuebench {

/// Pixels, y downwards.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

struct LabelledPoint {
  double x = 0, y = 0;
  double width = 0;  ///< of the name
};

/// One box a point, inside `area`; nothing where no place is free. Near places are tried first, points in their order.
std::vector<std::optional<Box>> place_labels(const std::vector<LabelledPoint>& points, double height, const Box& area);

}  // namespace cuebench
