#pragma once
// Value noise: random numbers at the points of a lattice, blended in between. A pure function of place and salt.

#include <cmath>
#include <cstdint>

namespace cuebench::synthetic {

/// A hash of a lattice point; all bits are mixed (the finaliser of MurmurHash3 over a linear combination).
inline std::uint32_t hash_point(std::int32_t x, std::int32_t y, std::uint32_t salt) {
  std::uint32_t h = std::uint32_t(x) * 0x9e3779b1U + std::uint32_t(y) * 0x85ebca77U + salt;
  h = (h ^ (h >> 16)) * 0x85ebca6bU;
  h = (h ^ (h >> 13)) * 0xc2b2ae35U;
  return h ^ (h >> 16);
}

/// Uniform on [0, 1).
inline float random_at(std::int32_t x, std::int32_t y, std::uint32_t salt) {
  return float(hash_point(x, y, salt) >> 8) * 0x1.0p-24F;
}

/// Largest whole number that is not above `value`; |value| < 2^31.
inline std::int32_t floor_of(float value) {
  const std::int32_t whole = std::int32_t(value);
  return whole - (float(whole) > value);
}

/// Smooth noise on [0, 1] with features of size 1.
inline float lattice_noise(float x, float y, std::uint32_t salt) {
  const std::int32_t ix = floor_of(x), iy = floor_of(y);
  float fx = x - float(ix), fy = y - float(iy);
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const float top = random_at(ix, iy, salt) + fx * (random_at(ix + 1, iy, salt) - random_at(ix, iy, salt));
  const float bottom =
      random_at(ix, iy + 1, salt) + fx * (random_at(ix + 1, iy + 1, salt) - random_at(ix, iy + 1, salt));
  return top + fy * (bottom - top);
}

}  // namespace cuebench::synthetic
