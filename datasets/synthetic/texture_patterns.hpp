#pragma once
// One function a texture family: its value at (u, v), with `pixel` the size of a pixel in units of (u, v). A two-tone
// pattern is written as a signed distance to its edge (positive inside, in units), which gives anti-aliasing for one
// division; values lie in [0, 1].

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lattice_noise.hpp"

namespace cuebench::synthetic::patterns {

/// A place in a pattern.
struct Place {
  float u, v, pixel;
  std::uint32_t salt;
};

inline float fraction(float value) {
  return value - float(floor_of(value));
}

/// Distance to the nearest whole number plus one half: 0 in the middle of a cell, 0.5 on its border.
inline float from_middle(float value) {
  return std::abs(fraction(value) - 0.5F);
}

/// 1 inside, 0 outside, a ramp of one pixel at the edge.
inline float edge(float distance, float pixel) {
  return std::clamp(0.5F + distance / pixel, 0.0F, 1.0F);
}

inline float stripes(const Place& p) {
  return edge(0.25F - from_middle(p.u), p.pixel);
}

/// A stripe as a sign in [-1, 1], to be multiplied with others.
inline float stripe_sign(float value, float pixel) {
  return 2 * edge(0.25F - from_middle(value), pixel) - 1;
}

inline float checks(const Place& p) {
  return 0.5F + 0.5F * stripe_sign(p.u, p.pixel) * stripe_sign(p.v, p.pixel);
}

/// Triangular tiling: colours alternate across every line of three families.
inline float triangles(const Place& p) {
  const float a = p.u + 0.57735F * p.v, b = 1.1547F * p.v;
  const float pixel = 1.1547F * p.pixel;
  return 0.5F + 0.5F * stripe_sign(a / 2, pixel / 2) * stripe_sign(b / 2, pixel / 2) *
                    stripe_sign((a - b) / 2 + 0.25F, pixel / 2);
}

/// Distance to the nearest point of a hexagonal lattice with spacing 1.
inline float to_hexagonal_point(float u, float v) {
  constexpr float kRow = 1.7320508F;
  const float x1 = fraction(u) - 0.5F, y1 = (fraction(v / kRow) - 0.5F) * kRow;
  const float x2 = fraction(u + 0.5F) - 0.5F, y2 = (fraction(v / kRow + 0.5F) - 0.5F) * kRow;
  return std::sqrt(std::min(x1 * x1 + y1 * y1, x2 * x2 + y2 * y2));
}

inline float dots(const Place& p) {
  return edge(0.31F - to_hexagonal_point(p.u, p.v), p.pixel);
}

inline float circles(const Place& p) {
  return edge(0.1F - std::abs(to_hexagonal_point(p.u, p.v) - 0.33F), p.pixel);
}

/// Rows half as high as the bricks are long, each shifted by half a brick; every brick has its own tone.
inline float bricks(const Place& p) {
  const std::int32_t row = floor_of(2 * p.v);
  const float u = p.u + 0.5F * float(row & 1);
  const float to_joint = std::min(0.5F - from_middle(u), 0.5F * (0.5F - from_middle(2 * p.v)));
  return edge(to_joint - 0.06F, p.pixel) * (0.75F + 0.25F * random_at(floor_of(u), row, p.salt));
}

inline float waves(const Place& p) {
  constexpr float kBend = 0.4F, kFrequency = 2 * std::numbers::pi_v<float> * 0.5F;
  const float phase = kFrequency * p.v;
  const float slope = kBend * kFrequency * std::cos(phase);
  return edge((0.25F - from_middle(p.u + kBend * std::sin(phase))) / std::sqrt(1 + slope * slope), p.pixel);
}

/// Warped growth rings with a steep and a gentle side, and fine fibres along them.
inline float wood(const Place& p) {
  const float warp = 2.2F * lattice_noise(0.35F * p.u, 0.1F * p.v, p.salt);
  const float ring = fraction(p.u + warp);
  const float fibre = lattice_noise(5 * p.u, 0.5F * p.v, p.salt + 1);
  return 0.7F * ring * std::min(1.0F, (1 - ring) / 0.15F) + 0.3F * fibre;
}

/// Short strands: noise stretched along a direction that turns from tuft to tuft.
inline float fur(const Place& p) {
  const float bend = 2.5F * lattice_noise(0.45F * p.u, 0.45F * p.v, p.salt);
  const float u = p.u + bend, v = p.v - 0.4F * bend;
  const float strands =
      0.6F * lattice_noise(3.2F * u, 0.9F * v, p.salt + 1) + 0.4F * lattice_noise(5.5F * u, 1.6F * v, p.salt + 2);
  return std::clamp(2.5F * (strands - 0.5F) + 0.5F, 0.0F, 1.0F);
}

/// Rows of discs, each row over the one below it and shifted by half; darker towards the rim.
inline float scales(const Place& p) {
  constexpr float kRadius = 0.62F, kRows = 0.5F;
  const std::int32_t row = floor_of(p.v / kRows);
  for (std::int32_t i = row - 1; i <= row + 1; ++i) {
    const float u = fraction(p.u + 0.5F * float(i & 1)) - 0.5F, v = p.v - kRows * float(i);
    const float distance = std::sqrt(u * u + v * v);
    if (distance < kRadius) return edge(kRadius - 0.11F - distance, p.pixel) * (1 - 0.4F * distance);
  }
  return 0;
}

inline float mesh(const Place& p) {
  const float to_line = 0.5F - std::max(from_middle(p.u), from_middle(p.v));
  return edge(0.11F - to_line, p.pixel);
}

/// Cells with two strands each, in turn along u and along v.
inline float weave(const Place& p) {
  const bool along_u = ((floor_of(p.u) + floor_of(p.v)) & 1) != 0;
  const float across = along_u ? p.v : p.u;
  const float strand = edge(0.5F * (0.5F - from_middle(2 * across)) - 0.06F, p.pixel);
  const float along = fraction(along_u ? p.u : p.v) - 0.5F;
  return strand * (1 - 1.6F * along * along);
}

/// Quarter circles around two opposite corners of each cell, by the throw of a coin.
inline float maze(const Place& p) {
  const std::int32_t x = floor_of(p.u), y = floor_of(p.v);
  float u = p.u - float(x);
  const float v = p.v - float(y);
  if (hash_point(x, y, p.salt) & 1U) u = 1 - u;
  const float near = std::sqrt(u * u + v * v), far = std::sqrt((1 - u) * (1 - u) + (1 - v) * (1 - v));
  return edge(0.2F - std::min(std::abs(near - 0.5F), std::abs(far - 0.5F)), p.pixel);
}

inline float pluses(const Place& p) {
  // A square lattice with every second row shifted.
  const std::int32_t row = floor_of(p.v);
  const float x = from_middle(p.u + 0.5F * float(row & 1)), y = from_middle(p.v);
  constexpr float kThick = 0.13F, kLong = 0.4F;
  return edge(std::max(std::min(kThick - x, kLong - y), std::min(kLong - x, kThick - y)), p.pixel);
}

/// The two nearest of one random point in each cell.
struct NearestPoints {
  float first = 1e9F, second = 1e9F;
  std::uint32_t cell = 0;
};

inline NearestPoints nearest_points(const Place& p) {
  NearestPoints nearest;
  const std::int32_t x = floor_of(p.u), y = floor_of(p.v);
  for (std::int32_t j = y - 1; j <= y + 1; ++j) {
    for (std::int32_t i = x - 1; i <= x + 1; ++i) {
      const std::uint32_t h = hash_point(i, j, p.salt);
      // Kept away from the cell's border, so that cells are of similar size.
      const float u = float(i) + 0.15F + 0.7F * float(h & 0xffffU) / 65536 - p.u;
      const float v = float(j) + 0.15F + 0.7F * float(h >> 16) / 65536 - p.v;
      const float squared = u * u + v * v;
      if (squared < nearest.first) {
        nearest = {squared, nearest.first, h};
      } else {
        nearest.second = std::min(nearest.second, squared);
      }
    }
  }
  nearest.first = std::sqrt(nearest.first);
  nearest.second = std::sqrt(nearest.second);
  return nearest;
}

inline float cracks(const Place& p) {
  const NearestPoints nearest = nearest_points(p);
  return edge((nearest.second - nearest.first) / 2 - 0.07F, p.pixel);
}

inline float mosaic(const Place& p) {
  const NearestPoints nearest = nearest_points(p);
  return float((nearest.cell * 0x9e3779b1U) >> 24) / 255;
}

inline float clouds(const Place& p) {
  return 0.65F * lattice_noise(p.u, p.v, p.salt) + 0.35F * lattice_noise(2.1F * p.u, 2.1F * p.v, p.salt + 1);
}

}  // namespace cuebench::synthetic::patterns
