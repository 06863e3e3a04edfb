#pragma once
// A square of floats: coverage, texture values, one colour channel.

#include <vector>

namespace cuebench::synthetic {

struct Field {
  int side = 0;
  std::vector<float> values;

  Field() = default;
  explicit Field(int s, float value = 0) : side(s), values(std::size_t(s) * s, value) {}
  float* row(int y) { return values.data() + std::size_t(y) * side; }
  const float* row(int y) const { return values.data() + std::size_t(y) * side; }
};

/// Pixels [left, right) x [top, bottom).
struct Box {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool empty() const { return left >= right || top >= bottom; }
};

}  // namespace cuebench::synthetic
