#include "resample_passes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "weighted_row.hpp"

// In the vertical pass neighbours in a row share their weights, so a row is one weighted sum of rows. In the horizontal
// pass each column has its own; there 16 rows are transposed into a tile whose "rows" are columns, and the same loop
// runs.
namespace cuebench {
namespace {

constexpr int kTileRows = 16;
constexpr int kChannels = 3;

using Bytes16 = std::uint8_t __attribute__((vector_size(16)));

/// Transposes 16 x 16 bytes by four rounds of a perfect shuffle.
void transpose(Bytes16* rows) {
  for (int round = 0; round < 4; ++round) {
    Bytes16 next[kTileRows];
    for (int i = 0; i < kTileRows / 2; ++i) {
      const Bytes16 a = rows[i], b = rows[i + kTileRows / 2];
      next[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    std::memcpy(rows, next, sizeof next);
  }
}

using RowPointers = std::array<const std::uint8_t*, kTileRows>;

/// tile[i * 16 + r] = rows[r][i] for i in [0, length).
void load_tile(const RowPointers& rows, int length, std::uint8_t* tile) {
  int i = 0;
  for (; i + kTileRows <= length; i += kTileRows) {
    Bytes16 block[kTileRows];
    for (int r = 0; r < kTileRows; ++r) std::memcpy(&block[r], rows[r] + i, sizeof block[r]);
    transpose(block);
    std::memcpy(tile + std::ptrdiff_t(i) * kTileRows, block, sizeof block);
  }
  for (; i < length; ++i) {
    for (int r = 0; r < kTileRows; ++r) tile[std::ptrdiff_t(i) * kTileRows + r] = rows[r][i];
  }
}

/// The reverse, for the first `valid` rows; `stride`, a multiple of 16, is the length of the tile and of the rows.
void store_tile(const std::uint8_t* tile, int valid, std::ptrdiff_t stride, std::uint8_t* target) {
  for (std::ptrdiff_t i = 0; i < stride; i += kTileRows) {
    Bytes16 block[kTileRows];
    std::memcpy(block, tile + i * kTileRows, sizeof block);
    transpose(block);
    for (int r = 0; r < valid; ++r) std::memcpy(target + r * stride + i, &block[r], sizeof block[r]);
  }
}

}  // namespace

PaddedRows resample_horizontally(const RowsView& input, int begin, int end, const ResampleWeights& weights) {
  const WeightedRow sum_into = weighted_row();
  const int width = static_cast<int>(weights.first.size());
  const int input_begin = weights.input_begin();
  const int input_bytes = (weights.input_end() - input_begin) * kChannels;
  constexpr int kPixel = kChannels * kTileRows;  // one column of a tile

  PaddedRows output;
  output.stride = (std::ptrdiff_t(width) * kChannels + kTileRows - 1) / kTileRows * kTileRows;
  output.bytes.resize(output.stride * (end - begin));
  std::vector<std::uint8_t> in_tile(std::size_t(input_bytes) * kTileRows), out_tile(output.stride * kTileRows);
  for (int y = begin; y < end; y += kTileRows) {
    RowPointers rows;
    for (int r = 0; r < kTileRows; ++r) {
      rows[r] = input.row(std::min(y + r, end - 1)) + std::ptrdiff_t(input_begin) * kChannels;
    }
    load_tile(rows, input_bytes, in_tile.data());
    for (int x = 0; x < width; ++x) {
      sum_into(in_tile.data() + std::ptrdiff_t(weights.first[x] - input_begin) * kPixel, kPixel, weights.of(x),
               weights.count[x], out_tile.data() + std::ptrdiff_t(x) * kPixel, kPixel);
    }
    store_tile(out_tile.data(), std::min(kTileRows, end - y), output.stride,
               output.bytes.data() + (y - begin) * output.stride);
  }
  return output;
}

void resample_vertically(const RowsView& input, int first_row, int row_bytes, const ResampleWeights& weights,
                         std::uint8_t* output) {
  const WeightedRow sum_into = weighted_row();
  for (std::size_t y = 0; y < weights.first.size(); ++y, output += row_bytes) {
    sum_into(input.row(weights.first[y] - first_row), input.stride, weights.of(static_cast<int>(y)), weights.count[y],
             output, row_bytes);
  }
}

}  // namespace cuebench
