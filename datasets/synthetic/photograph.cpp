#include "photograph.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "lattice_noise.hpp"

namespace cuebench::synthetic {
namespace {

void shade(Picture& scene, RandomStream& random) {
  const int side = scene[0].side;
  const double angle = 2 * std::numbers::pi * random.uniform();
  const double strength = 0.15 * random.uniform();
  const float along_x = float(strength * std::cos(angle) * 2 / side);
  const float along_y = float(strength * std::sin(angle) * 2 / side);
  const float shadow = float(0.25 * random.uniform()), cell = 2.5F / float(side);
  const auto salt = std::uint32_t(random());
  Colour cast;
  for (float& channel : cast) channel = float(0.92 + 0.16 * random.uniform());
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const float gradient = along_x * (float(x) - float(side) / 2) + along_y * (float(y) - float(side) / 2);
      const float soft = shadow * (lattice_noise(cell * float(x), cell * float(y), salt) - 0.5F);
      const float light = 1 + gradient + soft;
      for (std::size_t c = 0; c < 3; ++c) scene[c].row(y)[x] *= light * cast[c];
    }
  }
}

std::vector<float> gaussian_kernel(double deviation) {
  const int radius = int(std::ceil(3 * deviation));
  std::vector<float> kernel;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += std::exp(-0.5 * i * i / (deviation * deviation));
  for (int i = -radius; i <= radius; ++i) {
    kernel.push_back(float(std::exp(-0.5 * i * i / (deviation * deviation)) / sum));
  }
  return kernel;
}

/// Across `line`, whose ends are repeated; `padded` is scratch.
void blur_line(const float* line, float* out, int count, const std::vector<float>& kernel, std::vector<float>& padded) {
  const auto radius = int(kernel.size() / 2);
  std::fill_n(padded.begin(), radius, line[0]);
  std::copy_n(line, count, padded.begin() + radius);
  std::fill_n(padded.begin() + radius + count, radius, line[count - 1]);
  std::fill_n(out, count, 0.0F);
  for (std::size_t k = 0; k < kernel.size(); ++k) {
    for (int i = 0; i < count; ++i) out[i] += kernel[k] * padded[std::size_t(i) + k];
  }
}

void blur(Field& field, const std::vector<float>& kernel) {
  const int side = field.side;
  const auto radius = int(kernel.size() / 2);
  std::vector<float> padded(std::size_t(side) + 2 * radius);
  Field across(side);
  for (int y = 0; y < side; ++y) blur_line(field.row(y), across.row(y), side, kernel, padded);
  std::fill(field.values.begin(), field.values.end(), 0.0F);
  for (int y = 0; y < side; ++y) {
    for (int k = -radius; k <= radius; ++k) {
      const float* from = across.row(std::clamp(y + k, 0, side - 1));
      const float weight = kernel[std::size_t(k + radius)];
      float* to = field.row(y);
      for (int x = 0; x < side; ++x) to[x] += weight * from[x];
    }
  }
}

/// Nearly normal with standard deviation 1: the sum of four uniform 16-bit numbers (Irwin-Hall), of one draw.
float noise(RandomStream& random) {
  const std::uint64_t bits = random();
  const auto sum = std::int32_t((bits & 0xffffU) + ((bits >> 16) & 0xffffU) + ((bits >> 32) & 0xffffU) + (bits >> 48));
  constexpr float kDeviation = 37836.78F;  // 65536 * sqrt(4 / 12)
  return float(sum - 2 * 65535) / kDeviation;
}

}  // namespace

Image photograph(Picture scene, const CameraOptions& options, RandomStream& random) {
  const int side = scene[0].side;
  shade(scene, random);
  const double blur_deviation = options.blur * random.uniform();
  const float noise_deviation = options.noise * float(random.uniform());
  if (blur_deviation > 0.2) {  // less than that changes no pixel by more than rounding does
    const auto kernel = gaussian_kernel(blur_deviation);
    for (Field& channel : scene) blur(channel, kernel);
  }
  Image image(side, side);
  for (std::size_t i = 0; i < scene[0].values.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const float value = scene[c].values[i] + (noise_deviation > 0 ? noise_deviation * noise(random) : 0.0F);
      image.pixels[3 * i + c] = std::uint8_t(std::clamp(value, 0.0F, 1.0F) * 255.0F + 0.5F);
    }
  }
  return image;
}

}  // namespace cuebench::synthetic
