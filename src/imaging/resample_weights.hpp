#pragma once
// The weights of one resampling pass, as Pillow 9.4 computes them (src/libImaging/Resample.c: precompute_coeffs,
// normalize_coeffs_8bpc): double precision, normalised to sum 1, then rounded to 22-bit fixed point.

#include <cstdint>
#include <vector>

#include <cuebench/imaging/resize.hpp>

namespace cuebench {

/// 8 bits for the result, 2 for the overshoot of kernels with negative lobes; the rest is fraction.
inline constexpr int kWeightBits = 32 - 8 - 2;

struct ResampleWeights {
  /// Output i takes `count[i]` inputs from `first[i]` on, with weights[i * stride + k].
  std::vector<int> first, count;
  std::vector<std::int32_t> weights;
  int stride = 0;

  const std::int32_t* of(int i) const { return weights.data() + std::size_t(i) * stride; }
  /// The inputs that any output needs: [input_begin, input_end).
  int input_begin() const;
  int input_end() const;
};

/// Weights for outputs begin .. begin + length - 1 of a resize from `in_size` to `out_size`; not for nearest.
ResampleWeights resample_weights(int in_size, int out_size, int begin, int length, Resampling resampling);

}  // namespace cuebench
