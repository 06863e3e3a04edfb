#pragma once
// cv::Mat headers over the project's images; no pixel is copied.

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

inline cv::Mat3b view(Image& image) {
  return cv::Mat3b(image.height, image.width, reinterpret_cast<cv::Vec3b*>(image.pixels.data()));
}
/// For reading only: OpenCV has no header over constant pixels.
inline cv::Mat3b view(const Image& image) {
  return view(const_cast<Image&>(image));
}
inline cv::Mat1b view(Plane& plane) {
  return cv::Mat1b(plane.height, plane.width, plane.pixels.data());
}
inline cv::Mat1b view(const Plane& plane) {
  return view(const_cast<Plane&>(plane));
}

}  // namespace cuebench
