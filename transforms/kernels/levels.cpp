#include "levels.hpp"

#include <algorithm>
#include <cmath>

namespace cuebench {
namespace {

/// Below this distance from a level a value is that level: sums in another order than the source's must not cost one.
constexpr double kForgiven = 1e-9;

template <typename Real>
void fill_grey(const cv::Mat& plane, Rounding rounding, Image& image) {
  for (int y = 0; y < plane.rows; ++y) {
    const Real* in = plane.ptr<Real>(y);
    std::uint8_t* out = image.row(y);
    for (int x = 0; x < plane.cols; ++x) out = std::fill_n(out, Image::kChannels, to_byte(in[x], rounding));
  }
}

template <typename Real>
void fill_colour(const cv::Mat& picture, Rounding rounding, Image& image) {
  const int count = picture.cols * Image::kChannels;
  for (int y = 0; y < picture.rows; ++y) {
    const Real* in = picture.ptr<Real>(y);
    std::transform(in, in + count, image.row(y), [&](Real v) { return to_byte(v, rounding); });
  }
}

}  // namespace

ParameterSpec rounding_parameter() {
  return {.name = "rounding",
          .kind = ParameterKind::choice,
          .default_value = "down",
          .choices = {"down", "nearest"},
          .doc = "How values become bytes: down cuts off, as the published code does; nearest rounds."};
}

Rounding rounding_of(const Parameters& parameters) {
  return parameters.text("rounding") == "down" ? Rounding::down : Rounding::nearest;
}

std::uint8_t to_byte(double v, Rounding rounding) {
  const double level = 255.0 * std::clamp(v, 0.0, 1.0) + (rounding == Rounding::nearest ? 0.5 : kForgiven);
  return static_cast<std::uint8_t>(level);
}

Image grey_image(const cv::Mat& plane, Rounding rounding) {
  CV_Assert(plane.channels() == 1);
  Image image(plane.rows, plane.cols);
  plane.depth() == CV_64F ? fill_grey<double>(plane, rounding, image) : fill_grey<float>(plane, rounding, image);
  return image;
}

Image colour_image(const cv::Mat& picture, Rounding rounding) {
  CV_Assert(picture.channels() == Image::kChannels);
  Image image(picture.rows, picture.cols);
  picture.depth() == CV_64F ? fill_colour<double>(picture, rounding, image)
                            : fill_colour<float>(picture, rounding, image);
  return image;
}

}  // namespace cuebench
