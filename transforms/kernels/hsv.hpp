#pragma once
// The hexcone model, operation by operation as scikit-image's rgb2hsv and hsv2rgb, so that results agree to the last
// bit.

#include <algorithm>
#include <array>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Each in [0, 1]; the hue is 0 for greys.
struct Hsv {
  double hue, saturation, value;
};
struct Rgb {
  double red, green, blue;
};

inline Hsv to_hsv(const Rgb& rgb) {
  const double value = std::max({rgb.red, rgb.green, rgb.blue});
  const double range = value - std::min({rgb.red, rgb.green, rgb.blue});
  if (range == 0) return {0, 0, value};
  double sixths;
  if (rgb.blue == value)
    sixths = 4 + (rgb.red - rgb.green) / range;
  else if (rgb.green == value)
    sixths = 2 + (rgb.blue - rgb.red) / range;
  else
    sixths = (rgb.green - rgb.blue) / range;
  const double turn = sixths / 6;
  return {turn < 0 ? turn + 1 : turn, range / value, value};
}

inline Rgb to_rgb(const Hsv& hsv) {
  const double sixths = hsv.hue * 6;
  const int sector = static_cast<int>(sixths);
  const double part = sixths - sector, v = hsv.value;
  const double p = v * (1 - hsv.saturation), q = v * (1 - part * hsv.saturation),
               t = v * (1 - (1 - part) * hsv.saturation);
  switch (sector % 6) {
    case 0:
      return {v, t, p};
    case 1:
      return {q, v, p};
    case 2:
      return {p, v, t};
    case 3:
      return {p, q, v};
    case 4:
      return {t, p, v};
    default:
      return {v, p, q};
  }
}

/// Each pixel through HSV: `change` gets its Hsv by reference; bytes are cut off, 255 v for v in [0, 1].
template <typename Change>
Image with_changed_hsv(const Image& image, const Change& change) {
  std::array<double, 256> unit;
  for (int v = 0; v < 256; ++v) unit[v] = v / 255.0;
  const auto byte = [](double v) { return static_cast<std::uint8_t>(v * 255); };
  Image changed(image.height, image.width);
  for (std::size_t i = 0; i < image.pixels.size(); i += Image::kChannels) {
    const std::uint8_t* in = &image.pixels[i];
    Hsv hsv = to_hsv({unit[in[0]], unit[in[1]], unit[in[2]]});
    change(hsv);
    const Rgb rgb = to_rgb(hsv);
    changed.pixels[i] = byte(rgb.red);
    changed.pixels[i + 1] = byte(rgb.green);
    changed.pixels[i + 2] = byte(rgb.blue);
  }
  return changed;
}

}  // namespace cuebench
