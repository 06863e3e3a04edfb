#include "float_picture.hpp"

#include "mat_view.hpp"

namespace cuebench {
namespace {

constexpr float kForgiven = 1e-4F;

/// Comparisons in the form that compiles to minimum and maximum instructions.
inline std::uint8_t truncated(float v) {
  float level = v * 255.0F + kForgiven;
  level = level > 0.0F ? level : 0.0F;
  level = level < 255.0F ? level : 255.0F;
  return static_cast<std::uint8_t>(static_cast<int>(level));
}

}  // namespace

cv::Mat3f unit_picture(const Image& image) {
  cv::Mat3f picture;
  view(image).convertTo(picture, CV_32F, 1.0 / 255);
  return picture;
}

Image truncated_image(const cv::Mat3f& picture) {
  Image image(picture.rows, picture.cols);
  const int count = picture.cols * Image::kChannels;
  for (int y = 0; y < picture.rows; ++y) {
    const float* in = picture.ptr<float>(y);
    std::uint8_t* out = image.row(y);
    for (int i = 0; i < count; ++i) out[i] = truncated(in[i]);
  }
  return image;
}

}  // namespace cuebench
