#include "opponent_colour.hpp"

#include <algorithm>

#include "monitor_gamma.hpp"

namespace cuebench {
namespace {

constexpr double kRed = 0.258828, kGreen = 0.607436, kBlue = 0.133736;

/// From light to the nearest level. A table of equal steps gives the lowest level of a step; few steps hold a boundary.
class Levels {
 public:
  Levels() {
    for (int level = 0; level < 255; ++level)
      boundaries_[level] = static_cast<float>((kMonitorLight[level] + kMonitorLight[level + 1]) / 2);
    boundaries_[255] = 2;
    for (int step = 0; step <= kSteps; ++step) {
      const float light = static_cast<float>(step) / kSteps;
      const auto first = std::lower_bound(boundaries_.begin(), boundaries_.end(), light);
      lowest_[step] = static_cast<std::uint8_t>(first - boundaries_.begin());
    }
  }
  std::uint8_t nearest(float light) const {
    const float clipped = std::clamp(light, 0.F, 1.F);
    std::uint8_t level = lowest_[static_cast<int>(clipped * kSteps)];
    while (clipped > boundaries_[level]) ++level;
    return level;
  }

 private:
  static constexpr int kSteps = 16384;
  std::array<float, 256> boundaries_;
  std::array<std::uint8_t, kSteps + 1> lowest_;
};

struct Tables {
  Levels levels;
  std::array<float, 256> light;
  Tables() {
    std::transform(kMonitorLight.begin(), kMonitorLight.end(), light.begin(), [](double v) { return float(v); });
  }
};

}  // namespace

std::array<double, 3> opponent_light(const std::array<double, 3>& light) {
  const double twice_grey = 2 * (kRed * light[0] + kGreen * light[1] + kBlue * light[2]);
  return {twice_grey - light[0], twice_grey - light[1], twice_grey - light[2]};
}

Image opponent_colours(const Image& image) {
  static const Tables tables;
  Image result(image.height, image.width);
  auto out = result.pixels.begin();
  for (auto in = image.pixels.begin(); in != image.pixels.end(); in += Image::kChannels) {
    const float red = tables.light[in[0]], green = tables.light[in[1]], blue = tables.light[in[2]];
    const float twice_grey = 2 * (float(kRed) * red + float(kGreen) * green + float(kBlue) * blue);
    *out++ = tables.levels.nearest(twice_grey - red);
    *out++ = tables.levels.nearest(twice_grey - green);
    *out++ = tables.levels.nearest(twice_grey - blue);
  }
  return result;
}

}  // namespace cuebench
