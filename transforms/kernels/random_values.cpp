#include "random_values.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace cuebench {
namespace {

/// `count` numbers of 32 bits, the lower half of each draw first.
std::vector<std::uint32_t> random_bits(RandomStream& random, std::size_t count) {
  std::vector<std::uint64_t> draws((count + 1) / 2);
  random.fill(draws);
  std::vector<std::uint32_t> bits(2 * draws.size());
  for (std::size_t i = 0; i < draws.size(); ++i) {
    bits[2 * i] = static_cast<std::uint32_t>(draws[i]);
    bits[2 * i + 1] = static_cast<std::uint32_t>(draws[i] >> 32);
  }
  return bits;
}

/// The upper 24 bits, as a whole number that single precision holds exactly.
float upper_bits(std::uint32_t bits) {
  return static_cast<float>(static_cast<std::int32_t>(bits >> 8));
}

/// Natural logarithm of x in (0, 1], as in Moshier's Cephes: mantissa in [1/sqrt 2, sqrt 2) and a polynomial.
float logarithm(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  constexpr std::int32_t kRootHalf = 0x3f3504f3;
  const std::int32_t exponent = (bits - kRootHalf) >> 23;
  const float m = std::bit_cast<float>(bits - (exponent << 23)) - 1;
  float p = 7.0376836292e-2F;
  for (const float c : {-1.1514610310e-1F, 1.1676998740e-1F, -1.2420140846e-1F, 1.4249322787e-1F, -1.6668057665e-1F,
                        2.0000714765e-1F, -2.4999993993e-1F, 3.3333331174e-1F})
    p = p * m + c;
  const float square = m * m;
  return p * m * square - 0.5F * square + m + static_cast<float>(exponent) * std::numbers::ln2_v<float>;
}

struct CosineAndSine {
  float cosine, sine;
};

/// Of pi * angle, angle in [-1, 1]: reduced to an eighth of the circle, where Taylor's polynomials are exact enough.
CosineAndSine on_unit_circle(float angle) {
  const auto quarter = static_cast<std::int32_t>(2 * angle + (angle < 0 ? -0.5F : 0.5F));
  const float x = std::numbers::pi_v<float> * (angle - 0.5F * static_cast<float>(quarter)), square = x * x;
  const float sine =
      x *
      (1 + square * (-1.6666667e-1F + square * (8.3333333e-3F + square * (-1.9841270e-4F + square * 2.7557319e-6F))));
  const float cosine =
      1 + square * (-0.5F + square * (4.1666667e-2F + square * (-1.3888889e-3F + square * 2.4801587e-5F)));
  const bool odd = (quarter & 1) != 0;
  const float across = odd ? sine : cosine, up = odd ? cosine : sine;
  return {((quarter + 1) & 2) != 0 ? -across : across, (quarter & 2) != 0 ? -up : up};
}

}  // namespace

std::vector<float> uniform_values(RandomStream& random, std::size_t count) {
  const auto bits = random_bits(random, count);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = upper_bits(bits[i]) * 0x1p-24F;
  return values;
}

std::vector<float> signed_uniform_values(RandomStream& random, std::size_t count) {
  const auto bits = random_bits(random, count);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = upper_bits(bits[i]) * 0x1p-23F - 1;
  return values;
}

std::vector<float> normal_values(RandomStream& random, std::size_t count) {
  const std::size_t pairs = (count + 1) / 2;
  const auto bits = random_bits(random, 2 * pairs);
  std::vector<float> values(2 * pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    const float radius = std::sqrt(-2 * logarithm((upper_bits(bits[i]) + 1) * 0x1p-24F));
    const CosineAndSine direction = on_unit_circle(upper_bits(bits[pairs + i]) * 0x1p-23F - 1);
    values[i] = radius * direction.cosine;
    values[pairs + i] = radius * direction.sine;
  }
  values.resize(count);
  return values;
}

void unit_circle(std::span<const float> angles, std::span<float> cosines, std::span<float> sines) {
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const CosineAndSine point = on_unit_circle(angles[i]);
    cosines[i] = point.cosine;
    sines[i] = point.sine;
  }
}

}  // namespace cuebench
