#include "channel_layout.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include <cuebench/core/vectorised.hpp>

namespace cuebench::onednn {
namespace {

using dnnl::memory;

struct Blocking {
  memory::dims dims, padded, strides;
  bool blocked = false;
  int inner_blocks = 0;
  std::int64_t inner_size = 1, inner_axis = -1;
};

Blocking blocking_of(const memory::desc& map) {
  Blocking result;
#if DNNL_VERSION_MAJOR >= 3
  result.blocked = map.get_format_kind() == memory::format_kind::blocked;
  if (!result.blocked) return result;
  result.dims = map.get_dims();
  result.padded = map.get_padded_dims();
  result.strides = map.get_strides();
  result.inner_blocks = map.get_inner_nblks();
  if (result.inner_blocks == 1) {
    result.inner_size = map.get_inner_blks()[0];
    result.inner_axis = map.get_inner_idxs()[0];
  }
#else
  const dnnl_memory_desc_t& data = map.data;
  result.blocked = data.format_kind == dnnl_blocked;
  if (!result.blocked) return result;
  const auto& blocks = data.format_desc.blocking;
  result.dims.assign(data.dims, data.dims + data.ndims);
  result.padded.assign(data.padded_dims, data.padded_dims + data.ndims);
  result.strides.assign(blocks.strides, blocks.strides + data.ndims);
  result.inner_blocks = blocks.inner_nblks;
  if (result.inner_blocks == 1) {
    result.inner_size = blocks.inner_blks[0];
    result.inner_axis = blocks.inner_idxs[0];
  }
#endif
  return result;
}

inline float clamp(float value, float lowest, float highest) {
  return std::min(std::max(value, lowest), highest);
}

template <int kBlock>
void sum_chunk(std::int64_t positions, const float* map, double* sums) {
  double parts[kBlock] = {};
  for (std::int64_t p = 0; p < positions; ++p)
    for (int b = 0; b < kBlock; ++b) parts[b] += map[p * kBlock + b];
  for (int b = 0; b < kBlock; ++b) sums[b] = parts[b];
}

/// One sum would wait for itself at every addition: eight, in a fixed order.
double sum_row(std::int64_t count, const float* row) {
  constexpr int kParts = 8;
  double parts[kParts];
  sum_chunk<kParts>(count / kParts, row, parts);
  double total = 0;
  for (const double part : parts) total += part;
  for (std::int64_t i = count / kParts * kParts; i < count; ++i) total += row[i];
  return total;
}

void sum_wide_chunk(std::int64_t positions, std::int64_t block, const float* map, double* sums) {
  std::fill_n(sums, block, 0.0);
  for (std::int64_t p = 0; p < positions; ++p)
    for (std::int64_t b = 0; b < block; ++b) sums[b] += map[p * block + b];
}

void sum_any_chunk(const ChannelLayout& layout, const float* map, double* sums) {
  if (layout.block == 1) {
    *sums = sum_row(layout.positions, map);
  } else if (layout.block == 8) {
    sum_chunk<8>(layout.positions, map, sums);
  } else if (layout.block == 16) {
    sum_chunk<16>(layout.positions, map, sums);
  } else {
    sum_wide_chunk(layout.positions, layout.block, map, sums);
  }
}

template <int kBlock>
void scale_chunk(std::int64_t positions, const float* source, const float* scale, const float* shift, float lowest,
                 float highest, float* destination) {
  for (std::int64_t p = 0; p < positions; ++p)
    for (int b = 0; b < kBlock; ++b)
      destination[p * kBlock + b] = clamp(source[p * kBlock + b] * scale[b] + shift[b], lowest, highest);
}

}  // namespace

std::optional<ChannelLayout> channel_layout(const memory::desc& map) {
  const Blocking blocking = blocking_of(map);
  if (!blocking.blocked || blocking.dims.size() != 4) return std::nullopt;
  const auto& [dims, padded, strides] = std::tie(blocking.dims, blocking.padded, blocking.strides);
  ChannelLayout layout{dims[0], dims[1], dims[2] * dims[3], padded[1], 1};
  const bool channels_last = blocking.inner_blocks == 0 && strides[1] == 1 && (dims[1] > 1 && layout.positions > 1);
  if (channels_last) {
    layout.block = dims[1];
    layout.chunks = 1;
  } else if (blocking.inner_blocks == 1 && blocking.inner_axis == 1) {
    layout.block = blocking.inner_size;
    layout.chunks = padded[1] / layout.block;
  } else if (blocking.inner_blocks != 0) {
    return std::nullopt;
  }
  const std::int64_t chunk = layout.positions * layout.block;
  const bool images = strides[0] == layout.chunks * chunk || dims[0] == 1;
  const bool chunks = channels_last || layout.chunks == 1 || strides[1] == chunk;
  const bool rows = strides[2] == dims[3] * layout.block || dims[2] == 1;
  const bool columns = strides[3] == layout.block || dims[3] == 1;
  if (!images || !chunks || !rows || !columns) return std::nullopt;
  return layout;
}

void sum_positions(const ChannelLayout& layout, const float* map, double* sums) {
  std::vector<double> row(static_cast<std::size_t>(layout.chunks * layout.block));
  for (std::int64_t image = 0; image < layout.images; ++image) {
    for (std::int64_t chunk = 0; chunk < layout.chunks; ++chunk) {
      sum_any_chunk(layout, map, row.data() + chunk * layout.block);
      map += layout.positions * layout.block;
    }
    std::copy_n(row.data(), layout.channels, sums + image * layout.channels);
  }
}

void fill_positions(const ChannelLayout& layout, const float* values, float* map) {
  std::vector<float> row(static_cast<std::size_t>(layout.chunks * layout.block), 0.0F);
  for (std::int64_t image = 0; image < layout.images; ++image) {
    std::copy_n(values + image * layout.channels, layout.channels, row.data());
    for (std::int64_t chunk = 0; chunk < layout.chunks; ++chunk)
      for (std::int64_t p = 0; p < layout.positions; ++p, map += layout.block)
        std::copy_n(row.data() + chunk * layout.block, layout.block, map);
  }
}

void scale_and_shift(const ChannelLayout& layout, const float* source, const float* scale, const float* shift,
                     float lowest, float highest, float* destination) {
  const std::vector<float> none(shift ? 0 : static_cast<std::size_t>(layout.chunks * layout.block), 0.0F);
  if (!shift) shift = none.data();
  const std::int64_t size = layout.positions * layout.block;
  for (std::int64_t image = 0; image < layout.images; ++image)
    for (std::int64_t chunk = 0; chunk < layout.chunks; ++chunk, source += size, destination += size) {
      const float* const s = scale + chunk * layout.block;
      const float* const t = shift + chunk * layout.block;
      if (layout.block == 8) {
        scale_chunk<8>(layout.positions, source, s, t, lowest, highest, destination);
      } else if (layout.block == 16) {
        scale_chunk<16>(layout.positions, source, s, t, lowest, highest, destination);
      } else if (layout.block == 1) {
        for (std::int64_t p = 0; p < size; ++p) destination[p] = clamp(source[p] * *s + *t, lowest, highest);
      } else {
        for (std::int64_t p = 0; p < size; ++p) {
          const std::int64_t b = p % layout.block;
          destination[p] = clamp(source[p] * s[b] + t[b], lowest, highest);
        }
      }
    }
}

void copy_into_channels(const ChannelLayout& part, const float* from, const ChannelLayout& whole, std::int64_t first,
                        float* to) {
  const std::int64_t part_image = part.chunks * part.positions * part.block;
  const std::int64_t whole_image = whole.chunks * whole.positions * whole.block;
  const std::int64_t offset = first / whole.block * whole.positions * whole.block;
  for (std::int64_t image = 0; image < part.images; ++image)
    std::copy_n(from + image * part_image, part_image, to + image * whole_image + offset);
}

void copy_from_channels(const ChannelLayout& whole, std::int64_t first, const float* from, const ChannelLayout& part,
                        float* to) {
  const std::int64_t part_image = part.chunks * part.positions * part.block;
  const std::int64_t whole_image = whole.chunks * whole.positions * whole.block;
  const std::int64_t offset = first / whole.block * whole.positions * whole.block;
  for (std::int64_t image = 0; image < part.images; ++image)
    std::copy_n(from + image * whole_image + offset, part_image, to + image * part_image);
}

void add_and_clamp(std::int64_t count, const float* a, const float* b, float lowest, float highest,
                   float* destination) {
  if (b) {
    vectorised(
        [](std::int64_t n, const float* x, const float* y, float low, float high, float* out) CUEBENCH_INLINE_BODY {
          for (std::int64_t i = 0; i < n; ++i) out[i] = clamp(x[i] + y[i], low, high);
        },
        count, a, b, lowest, highest, destination);
  } else {
    vectorised(
        [](std::int64_t n, const float* x, float low, float high, float* out) CUEBENCH_INLINE_BODY {
          for (std::int64_t i = 0; i < n; ++i) out[i] = clamp(x[i], low, high);
        },
        count, a, lowest, highest, destination);
  }
}

void mask_gradient(std::int64_t count, const float* values, float lowest, float highest, float* gradient) {
  vectorised(
      [](std::int64_t n, const float* value, float low, float high, float* out) CUEBENCH_INLINE_BODY {
        for (std::int64_t i = 0; i < n; ++i) out[i] = value[i] > low && value[i] < high ? out[i] : 0.0F;
      },
      count, values, lowest, highest, gradient);
}

}  // namespace cuebench::onednn
