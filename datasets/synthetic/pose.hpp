#pragma once
// How an object lies in the frame: place, size, turn, stretch, and a smooth warp that bends its outline.

#include <array>

#include <cuebench/core/random.hpp>

#include "geometry.hpp"

namespace cuebench::synthetic {

/// One sine of the warp: moves points along `direction`, by an amount that waves along `frequency`.
struct WarpWave {
  Point frequency, direction;
  float phase = 0;
};

struct Pose {
  Point centre;        ///< in pixels
  float scale = 1;     ///< pixels a unit
  float rotation = 0;  ///< radians
  float aspect = 1;    ///< width over height, area kept
  float shear = 0;
  bool mirrored = false;
  std::array<WarpWave, 3> warp;
};

/// Turned by up to 40 degrees, mirrored half of the time, a radius of 0.28 to 0.38 of the side, aspect 0.8 to 1.25,
/// centre within 0.08 of the side from the middle.
Pose draw_pose(int side, RandomStream& random);

/// The outline in pixels. Long edges are divided first, so that the warp bends them.
Outline posed(const Outline& outline, const Pose& pose);

/// A random closed curve around the origin, normalised as shapes are; it looks like none of them more than another.
Outline draw_blob(RandomStream& random);

/// A random polygon of 3 to 6 corners around the origin with a radius of about 1.
Outline draw_polygon(RandomStream& random);

}  // namespace cuebench::synthetic
