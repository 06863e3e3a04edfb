#pragma once
// The inner loop of both resampling passes.

#include <cstddef>
#include <cstdint>

namespace cuebench {

/// target[i] = clip((sum over k < count of weights[k] * source[k * stride + i] + 1/2) / 2^22) for i in [0, bytes), in
/// exact 32-bit integers.
using WeightedRow = void (*)(const std::uint8_t* source, std::ptrdiff_t stride, const std::int32_t* weights, int count,
                             std::uint8_t* target, int bytes);

/// The implementation for this processor.
WeightedRow weighted_row();
/// The one that runs everywhere, to test the other against.
WeightedRow portable_weighted_row();

}  // namespace cuebench
