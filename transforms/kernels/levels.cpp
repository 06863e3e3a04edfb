#include "levels.hpp"

#include <algorithm>
#include <vector>

namespace cuebench {
namespace {

/// Below this distance from a level a value is that level: sums in another order than the source's must not cost one.
constexpr double kForgiven = 1e-9;
/// The same for single precision, whose sums miss a level by up to some 1e-5.
constexpr float kForgivenFloat = 1e-4F;

/// Clips 255 v to [0, 255], adds `bias` and cuts off.
template <typename Real>
void to_levels(const Real* values, int count, Real bias, std::int32_t* levels) {
  for (int i = 0; i < count; ++i)
    levels[i] = static_cast<std::int32_t>(std::clamp<Real>(255 * values[i], 0, 255) + bias);
}

/// Calls store(levels, y) with the levels of each row, channels side by side.
template <typename Store>
void for_each_row(const cv::Mat& picture, Rounding rounding, Store store) {
  const int count = picture.cols * picture.channels();
  std::vector<std::int32_t> levels(count);
  const bool nearest = rounding == Rounding::nearest;
  for (int y = 0; y < picture.rows; ++y) {
    if (picture.depth() == CV_64F)
      to_levels(picture.ptr<double>(y), count, nearest ? 0.5 : kForgiven, levels.data());
    else
      to_levels(picture.ptr<float>(y), count, nearest ? 0.5F : kForgivenFloat, levels.data());
    store(levels, y);
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

void repeat_channels(const std::int32_t* levels, int count, std::uint8_t* rgb) {
  for (int i = 0; i < count; ++i) rgb = std::fill_n(rgb, Image::kChannels, static_cast<std::uint8_t>(levels[i]));
}

Image grey_image(const cv::Mat& plane, Rounding rounding) {
  CV_Assert(plane.channels() == 1);
  Image image(plane.rows, plane.cols);
  for_each_row(plane, rounding,
               [&](const auto& levels, int y) { repeat_channels(levels.data(), image.width, image.row(y)); });
  return image;
}

Image colour_image(const cv::Mat& picture, Rounding rounding) {
  CV_Assert(picture.channels() == Image::kChannels);
  Image image(picture.rows, picture.cols);
  for_each_row(picture, rounding, [&](const auto& levels, int y) {
    std::transform(levels.begin(), levels.end(), image.row(y), [](std::int32_t v) { return std::uint8_t(v); });
  });
  return image;
}

}  // namespace cuebench
