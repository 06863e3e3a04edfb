#include "rotation.hpp"

#include <stdexcept>
#include <utility>

#include "mat_view.hpp"

namespace cuebench {
namespace {

cv::RotateFlags flag_of(int degrees) {
  switch (degrees) {
    case 90:
      return cv::ROTATE_90_COUNTERCLOCKWISE;
    case 180:
      return cv::ROTATE_180;
    case 270:
      return cv::ROTATE_90_CLOCKWISE;
    default:
      throw std::invalid_argument("a rotation by other than 0, 90, 180 or 270 degrees");
  }
}

}  // namespace

Image rotated(const Image& image, int degrees) {
  if (degrees == 0) return image;
  const bool upright = degrees == 180;
  Image result(upright ? image.height : image.width, upright ? image.width : image.height);
  cv::Mat pixels = view(result);
  cv::rotate(view(image), pixels, flag_of(degrees));
  return result;
}

}  // namespace cuebench
