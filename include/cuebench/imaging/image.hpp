#pragma once
// Pixels in memory. The only image type of the project; OpenCV and LibTorch see views of it.

#include <cstdint>
#include <span>
#include <vector>

namespace cuebench {

/// 8-bit sRGB, height x width x 3, R first, rows packed without padding.
struct Image {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;

  static constexpr int kChannels = 3;
  Image() = default;
  /// Zero-filled. height, width >= 0.
  Image(int h, int w) : height(h), width(w), pixels(std::size_t(h) * w * kChannels) {}
  bool empty() const { return pixels.empty(); }
  std::uint8_t* row(int y) { return pixels.data() + std::size_t(y) * width * kChannels; }
  const std::uint8_t* row(int y) const { return pixels.data() + std::size_t(y) * width * kChannels; }
  bool operator==(const Image&) const = default;
};

/// One 8-bit channel, height x width, packed: a mask (>= 128 is foreground) or a luminance plane.
struct Plane {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;

  Plane() = default;
  Plane(int h, int w) : height(h), width(w), pixels(std::size_t(h) * w) {}
  bool empty() const { return pixels.empty(); }
  std::uint8_t* row(int y) { return pixels.data() + std::size_t(y) * width; }
  const std::uint8_t* row(int y) const { return pixels.data() + std::size_t(y) * width; }
  bool operator==(const Plane&) const = default;
};

}  // namespace cuebench
