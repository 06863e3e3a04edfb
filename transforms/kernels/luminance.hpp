#pragma once
// The two greys of the field. They differ by up to several levels and are never mixed.

#include <cstdint>

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Pillow's "L": (19595 R + 38470 G + 7471 B + 32768) >> 16.
inline std::uint8_t grey601(int r, int g, int b) {
  return static_cast<std::uint8_t>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

/// scikit-image's rgb2gray, .2125 R + .7154 G + .0721 B, rounded half up; in whole numbers, so no tie is lost.
inline std::uint8_t grey709(int r, int g, int b) {
  return static_cast<std::uint8_t>((2125 * r + 7154 * g + 721 * b + 5000) / 10000);
}

/// scikit-image's rgb2gray of an 8-bit image: height x width, in [0, 1].
cv::Mat1d grey709_plane(const Image& image);
/// The same in single precision, where the last digit does not matter.
cv::Mat1f grey709_plane_float(const Image& image);

/// floor(255 v + 0.5) for v in [0, 1], clipped: the rounding rule of torchvision's save_image.
std::uint8_t round_to_u8(double v);

}  // namespace cuebench
