#pragma once
// The object classes' shapes as outlines, upright, before any pose.

#include <span>
#include <string_view>

#include "geometry.hpp"

namespace cuebench::synthetic {

struct Shape {
  std::string_view name;
  /// The outline as drawn, centred, of any size.
  Outline (*draw)();
};

/// All shapes, in the order of their names.
std::span<const Shape> shapes();

/// The outline of shape `index`, scaled so that no class is larger than another: the geometric mean of its radius and
/// of the radius of the disc of equal area is 1.
Outline normalised_shape(std::size_t index);

/// Scales a centred outline in that way.
Outline normalised(const Outline& outline);

}  // namespace cuebench::synthetic
