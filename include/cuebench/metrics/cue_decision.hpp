#pragma once
// Decisions on an image whose shape and texture belong to different classes.

#include <cstdint>
#include <optional>

namespace cuebench {

enum class CueDecision { other = 0, shape = 1, texture = 2 };

constexpr CueDecision cue_decision(int decided, int shape, int texture) {
  if (decided == shape) return CueDecision::shape;
  return decided == texture ? CueDecision::texture : CueDecision::other;
}

struct CueCounts {
  std::int64_t shape = 0, texture = 0, other = 0;
  std::int64_t n() const { return shape + texture + other; }
  constexpr void add(CueDecision decision) {
    shape += decision == CueDecision::shape;
    texture += decision == CueDecision::texture;
    other += decision == CueDecision::other;
  }
};

/// Shape decisions among shape and texture decisions; absent where there are neither.
constexpr std::optional<double> shape_bias_of(std::int64_t shape, std::int64_t texture) {
  if (shape + texture == 0) return std::nullopt;
  return static_cast<double>(shape) / static_cast<double>(shape + texture);
}

}  // namespace cuebench
