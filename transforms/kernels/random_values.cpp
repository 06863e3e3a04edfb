#include "random_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {
namespace {

/// Numbers that are drawn at a time: they stay in the nearest cache.
constexpr std::size_t kChunk = 2048;
using Bits = std::array<std::uint32_t, kChunk>;

/// `count` numbers of 32 bits in groups of kChunk: calls use(bits, first, size) for each group. The last one is filled
/// up to an even size. The lower half of each draw comes first.
template <typename Use>
void for_random_bits(RandomStream& random, std::size_t count, Use use) {
  std::array<std::uint64_t, kChunk / 2> draws;
  Bits bits;
  for (std::size_t first = 0; first < count; first += kChunk) {
    const std::size_t size = std::min(kChunk, count - first), pairs = (size + 1) / 2;
    random.fill(std::span(draws).first(pairs));
    vectorised(
        [](const std::uint64_t* in, std::uint32_t* __restrict out, std::size_t length) CUEBENCH_INLINE_BODY {
          for (std::size_t i = 0; i < length; ++i) {
            out[2 * i] = static_cast<std::uint32_t>(in[i]);
            out[2 * i + 1] = static_cast<std::uint32_t>(in[i] >> 32);
          }
        },
        draws.data(), bits.data(), pairs);
    use(bits, first, size);
  }
}

/// The upper 24 bits, as a whole number that single precision holds exactly.
inline float upper_bits(std::uint32_t bits) {
  return static_cast<float>(static_cast<std::int32_t>(bits >> 8));
}

/// Natural logarithm of x in (0, 1], as in Moshier's Cephes: mantissa in [1/sqrt 2, sqrt 2) and a polynomial.
inline float logarithm(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  constexpr std::int32_t kRootHalf = 0x3f3504f3;
  const std::int32_t exponent = (bits - kRootHalf) >> 23;
  const float m = std::bit_cast<float>(bits - (exponent << 23)) - 1;
  float p = 7.0376836292e-2F;
  p = p * m - 1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m - 1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m - 1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m - 2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  const float square = m * m;
  return p * m * square - 0.5F * square + m + static_cast<float>(exponent) * std::numbers::ln2_v<float>;
}

struct CosineAndSine {
  float cosine, sine;
};

/// Of pi * angle, angle in [-1, 1]: reduced to an eighth of the circle, where Taylor's polynomials are exact enough.
inline CosineAndSine on_unit_circle(float angle) {
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

/// convert(bits) of each of `count` draws of 32 bits.
template <typename Convert>
std::vector<float> converted(RandomStream& random, std::size_t count, Convert convert) {
  std::vector<float> values(count);
  for_random_bits(random, count, [&](const Bits& bits, std::size_t first, std::size_t size) {
    vectorised(
        [](const std::uint32_t* in, float* __restrict out, std::size_t length, Convert value_of) CUEBENCH_INLINE_BODY {
          for (std::size_t i = 0; i < length; ++i) out[i] = value_of(in[i]);
        },
        bits.data(), &values[first], size, convert);
  });
  return values;
}

}  // namespace

std::vector<float> uniform_values(RandomStream& random, std::size_t count) {
  return converted(random, count, [](std::uint32_t bits) { return upper_bits(bits) * 0x1p-24F; });
}

std::vector<float> signed_uniform_values(RandomStream& random, std::size_t count) {
  return converted(random, count, [](std::uint32_t bits) { return upper_bits(bits) * 0x1p-23F - 1; });
}

std::vector<float> normal_values(RandomStream& random, std::size_t count) {
  std::vector<float> values(count + count % 2);
  for_random_bits(random, count, [&](const Bits& bits, std::size_t first, std::size_t size) {
    const std::size_t pairs = (size + 1) / 2;
    vectorised(
        [](const std::uint32_t* radii, const std::uint32_t* angles, float* __restrict across, float* __restrict up,
           std::size_t length) CUEBENCH_INLINE_BODY {
          for (std::size_t i = 0; i < length; ++i) {
            const float radius = std::sqrt(-2 * logarithm((upper_bits(radii[i]) + 1) * 0x1p-24F));
            const CosineAndSine direction = on_unit_circle(upper_bits(angles[i]) * 0x1p-23F - 1);
            across[i] = radius * direction.cosine;
            up[i] = radius * direction.sine;
          }
        },
        bits.data(), bits.data() + pairs, &values[first], &values[first + pairs], pairs);
  });
  values.resize(count);
  return values;
}

void unit_circle(std::span<const float> angles, std::span<float> cosines, std::span<float> sines) {
  vectorised(
      [](const float* in, float* __restrict cosine, float* __restrict sine, std::size_t count) CUEBENCH_INLINE_BODY {
        for (std::size_t i = 0; i < count; ++i) {
          const CosineAndSine point = on_unit_circle(in[i]);
          cosine[i] = point.cosine;
          sine[i] = point.sine;
        }
      },
      angles.data(), cosines.data(), sines.data(), angles.size());
}

}  // namespace cuebench
