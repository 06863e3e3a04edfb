#pragma once
// The two passes of a resize on packed 3-channel rows, exact in 32-bit integers.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "resample_weights.hpp"

namespace cuebench {

/// Rows of bytes in memory of someone else.
struct RowsView {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
  const std::uint8_t* row(int y) const { return data + y * stride; }
};

/// Rows of bytes with a padded stride, so that vectors may be stored past a row's end.
struct PaddedRows {
  std::vector<std::uint8_t> bytes;
  std::ptrdiff_t stride = 0;
  RowsView view() const { return {bytes.data(), stride}; }
};

/// Rows begin .. end - 1 of the input, each resampled to weights.first.size() pixels.
PaddedRows resample_horizontally(const RowsView& input, int begin, int end, const ResampleWeights& weights);

/// weights.first.size() rows of `row_bytes` bytes, packed into `output`. Row r of `input` is row `first_row` + r of the
/// image that the weights speak of.
void resample_vertically(const RowsView& input, int first_row, int row_bytes, const ResampleWeights& weights,
                         std::uint8_t* output);

}  // namespace cuebench
