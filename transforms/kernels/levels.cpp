#include "levels.hpp"

#include <algorithm>
#include <vector>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {
namespace {

/// Below this distance from a level a value is that level: sums in another order than the source's must not cost one.
constexpr double kForgiven = 1e-9;
/// The same for single precision, whose sums miss a level by up to some 1e-5.
constexpr float kForgivenFloat = 4e-5F;

/// 255 v clipped to [0, 255], plus `bias`, cut off.
template <typename Real>
inline std::int32_t level_of(Real v, Real bias) {
  return static_cast<std::int32_t>(std::min(std::max<Real>(255 * v, 0), Real(255)) + bias);
}

template <typename Real>
Real bias_of(Rounding rounding, Real forgiven) {
  return rounding == Rounding::nearest ? Real(0.5) : forgiven;
}

template <typename Real>
Image as_grey(const cv::Mat& plane, Real bias) {
  Image image(plane.rows, plane.cols);
  std::vector<std::int32_t> buffer(plane.cols);
  for (int y = 0; y < plane.rows; ++y)
    vectorised(
        [](const Real* in, std::int32_t* __restrict levels, std::uint8_t* __restrict out, int width, Real added)
            CUEBENCH_INLINE_BODY {
              for (int x = 0; x < width; ++x) levels[x] = level_of(in[x], added);
              for (int x = 0; x < width; ++x)
                out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = static_cast<std::uint8_t>(levels[x]);
            },
        plane.ptr<Real>(y), buffer.data(), image.row(y), image.width, bias);
  return image;
}

template <typename Real>
Image as_colours(const cv::Mat& picture, Real bias) {
  Image image(picture.rows, picture.cols);
  for (int y = 0; y < picture.rows; ++y)
    vectorised(
        [](const Real* in, std::uint8_t* __restrict out, int count, Real added) CUEBENCH_INLINE_BODY {
          for (int i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(level_of(in[i], added));
        },
        picture.ptr<Real>(y), image.row(y), 3 * image.width, bias);
  return image;
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
  return plane.depth() == CV_64F ? as_grey(plane, bias_of(rounding, kForgiven))
                                 : as_grey(plane, bias_of(rounding, kForgivenFloat));
}

Image colour_image(const cv::Mat& picture, Rounding rounding) {
  CV_Assert(picture.channels() == Image::kChannels);
  return picture.depth() == CV_64F ? as_colours(picture, bias_of(rounding, kForgiven))
                                   : as_colours(picture, bias_of(rounding, kForgivenFloat));
}

}  // namespace cuebench
