#include "additive_noise.hpp"

namespace cuebench {
namespace {

/// Comparisons in the form that compiles to minimum and maximum instructions.
inline std::uint8_t cut(float level) {
  level = level > 0.0F ? level : 0.0F;
  level = level < 255.0F ? level : 255.0F;
  return static_cast<std::uint8_t>(static_cast<int>(level));
}

}  // namespace

Image with_noise(const Image& image, const std::vector<float>& noise, double c) {
  Image noisy(image.height, image.width);
  const auto levels = static_cast<float>(255 * c);
  const std::uint8_t* in = image.pixels.data();
  std::uint8_t* out = noisy.pixels.data();
  for (std::size_t i = 0; i < noise.size(); ++i) out[i] = cut(static_cast<float>(in[i]) + levels * noise[i]);
  return noisy;
}

Image with_speckle(const Image& image, const std::vector<float>& noise, double c) {
  Image noisy(image.height, image.width);
  const auto share = static_cast<float>(c);
  const std::uint8_t* in = image.pixels.data();
  std::uint8_t* out = noisy.pixels.data();
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const auto level = static_cast<float>(in[i]);
    out[i] = cut(level + level * share * noise[i]);
  }
  return noisy;
}

}  // namespace cuebench
