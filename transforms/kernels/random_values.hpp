#pragma once
// Many random numbers at once, in single precision. They are the same on every machine: own polynomials stand where a
// mathematical library would round in its own way.

#include <cstddef>
#include <span>
#include <vector>

#include <cuebench/core/random.hpp>

namespace cuebench {

/// Uniform on [0, 1), 24 bits each; two come from one draw of the stream.
std::vector<float> uniform_values(RandomStream& random, std::size_t count);
/// Uniform on [-1, 1), 24 bits each.
std::vector<float> signed_uniform_values(RandomStream& random, std::size_t count);
/// Standard normal by Box and Muller's transform, |z| < 5.8, within 1e-6 of the exact one of the same bits.
std::vector<float> normal_values(RandomStream& random, std::size_t count);

/// cosine and sine of pi * angle, for angles in [-1, 1], within 2e-7. The three spans have one size.
void unit_circle(std::span<const float> angles, std::span<float> cosines, std::span<float> sines);

}  // namespace cuebench
