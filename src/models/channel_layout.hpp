#pragma once
// How oneDNN lays out a map of float32, as far as loops over channels need to know: [images][chunks][positions][block],
// channel = chunk * block + place in the block. Dense NCHW has block 1, NHWC one chunk.

#include <cstdint>
#include <optional>

#include <oneapi/dnnl/dnnl.hpp>

namespace cuebench::onednn {

struct ChannelLayout {
  std::int64_t images = 0, channels = 0, positions = 0;
  std::int64_t chunks = 0, block = 0;  ///< chunks * block >= channels; what lies behind them is 0

  std::int64_t size() const { return images * chunks * positions * block; }
  bool operator==(const ChannelLayout&) const = default;
};

/// Nothing for layouts of another kind.
std::optional<ChannelLayout> channel_layout(const dnnl::memory::desc& map);

/// Sums over positions in double: [images x channels].
void sum_positions(const ChannelLayout& layout, const float* map, double* sums);
/// Each channel of every image filled with `values` [images x channels]; zero behind the channels.
void fill_positions(const ChannelLayout& layout, const float* values, float* map);
/// destination = source * scale + shift per channel (`shift` may be null), then max(0, ..) and min(.., limit).
/// The arrays hold chunks * block values.
void scale_and_shift(const ChannelLayout& layout, const float* source, const float* scale, const float* shift,
                     float lowest, float highest, float* destination);

/// Channels [first, first + part.channels) of `whole` from `part` and back. Both have one block size, which divides
/// `first` and part.channels.
void copy_into_channels(const ChannelLayout& part, const float* from, const ChannelLayout& whole, std::int64_t first,
                        float* to);
void copy_from_channels(const ChannelLayout& whole, std::int64_t first, const float* from, const ChannelLayout& part,
                        float* to);

/// destination[i] = min(max(a[i] + b[i], lowest), highest); b may be null.
void add_and_clamp(std::int64_t count, const float* a, const float* b, float lowest, float highest, float* destination);
/// 0 where the value is not inside (lowest, highest): the derivative of a clamp, applied in place.
void mask_gradient(std::int64_t count, const float* values, float lowest, float highest, float* gradient);

}  // namespace cuebench::onednn
