// Layout, little endian: u8 version | u32 channels | u32 classes | per class, labels ascending:
//   i32 label | i64 n | eight arrays of `channels` values in the order of ChannelMoments.
// An array of doubles is a code byte (Code), followed by the values only where they cannot be derived from the arrays
// before it: most classes have one image in a block, and then half of the arrays repeat others. active_count is a width
// byte (0, 1, 2, 4 or 8; 0 = all zero), followed by unsigned integers of that width.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/metrics/channel_statistics.hpp>

namespace cuebench {
namespace {

constexpr std::uint8_t kVersion = 1;
/// Bounds what damaged bytes can make us allocate: 1 GiB of values.
constexpr std::uint64_t kMostValues = std::uint64_t{1} << 27;
constexpr std::size_t kArrays = 8;

enum class Code : std::uint8_t {
  zero = 0,
  values = 1,
  as_mean = 2,               ///< clean_mean on the clean variant
  as_m2 = 3,                 ///< co_moment on the clean variant
  as_mean_where_active = 4,  ///< active_sum of a single image
  as_absolute_relevance = 5  ///< |relevance_mean|: a single image, or a relevance of constant sign
};

using Doubles = std::vector<double>;
constexpr std::array<Doubles ChannelMoments::*, 4> kBeforeCounts = {
    &ChannelMoments::mean, &ChannelMoments::m2, &ChannelMoments::clean_mean, &ChannelMoments::co_moment};
constexpr std::array<Doubles ChannelMoments::*, 3> kAfterCounts = {
    &ChannelMoments::active_sum, &ChannelMoments::relevance_mean, &ChannelMoments::absolute_relevance_mean};

/// What `code` stands for, given the arrays before; Code::values has no rule.
double derived_value(const ChannelMoments& moments, Code code, std::size_t c) {
  switch (code) {
    case Code::as_mean:
      return moments.mean[c];
    case Code::as_m2:
      return moments.m2[c];
    case Code::as_mean_where_active:
      return moments.active_count[c] ? moments.mean[c] : 0.0;
    case Code::as_absolute_relevance:
      return std::abs(moments.relevance_mean[c]);
    case Code::zero:
    case Code::values:
      break;
  }
  return 0.0;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

class Writer {
 public:
  void integer(std::uint64_t value, int width) {
    for (int byte = 0; byte < width; ++byte) bytes_.push_back(static_cast<std::byte>(value >> (8 * byte)));
  }
  void array(const ChannelMoments& moments, const Doubles& values, std::initializer_list<Code> rules) {
    for (const Code rule : rules) {
      std::size_t c = 0;
      while (c < values.size() && same_bits(values[c], derived_value(moments, rule, c))) ++c;
      if (c == values.size()) return integer(static_cast<std::uint8_t>(rule), 1);
    }
    integer(static_cast<std::uint8_t>(Code::values), 1);
    for (const double value : values) integer(std::bit_cast<std::uint64_t>(value), 8);
  }
  void counts(const std::vector<std::int64_t>& values) {
    const auto most = static_cast<std::uint64_t>(values.empty() ? 0 : *std::max_element(values.begin(), values.end()));
    const int width = most == 0 ? 0 : most <= 0xff ? 1 : most <= 0xffff ? 2 : most <= 0xffffffff ? 4 : 8;
    integer(static_cast<std::uint64_t>(width), 1);
    for (const std::int64_t value : values) integer(static_cast<std::uint64_t>(value), width);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

[[noreturn]] void damaged(std::string_view what) {
  throw RunError(
      fmt::format("the channel sums stored in run.sqlite are damaged ({}): evaluate again into a new folder", what));
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}
  std::uint64_t integer(std::size_t width) {
    if (rest_.size() < width) damaged("they end early");
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < width; ++byte) value |= std::to_integer<std::uint64_t>(rest_[byte]) << (8 * byte);
    rest_ = rest_.subspan(width);
    return value;
  }
  void array(const ChannelMoments& moments, Doubles& values) {
    const std::uint64_t byte = integer(1);
    if (byte > static_cast<std::uint64_t>(Code::as_absolute_relevance)) damaged("an unknown array code");
    const Code code{static_cast<std::uint8_t>(byte)};
    for (std::size_t c = 0; c < values.size(); ++c)
      values[c] = code == Code::values ? std::bit_cast<double>(integer(8)) : derived_value(moments, code, c);
  }
  void counts(std::int64_t most, std::vector<std::int64_t>& values) {
    const std::uint64_t width = integer(1);
    if (width != 0 && (width > 8 || !std::has_single_bit(width))) damaged("an unknown width");
    for (std::int64_t& value : values) {
      const std::uint64_t count = integer(width);
      if (count > static_cast<std::uint64_t>(most)) damaged("a channel active on more images than there are");
      value = static_cast<std::int64_t>(count);
    }
  }
  std::size_t left() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace

std::vector<std::byte> serialise(const ClassMoments& moments) {
  const std::size_t channels = moments.empty() ? 0 : moments.begin()->second.channels();
  Writer writer;
  writer.integer(kVersion, 1);
  writer.integer(channels, 4);
  writer.integer(moments.size(), 4);
  for (const auto& [label, of_class] : moments) {
    if (of_class.channels() != channels) throw std::invalid_argument("the classes of a layer have the same channels");
    writer.integer(static_cast<std::uint32_t>(label), 4);
    writer.integer(static_cast<std::uint64_t>(of_class.n), 8);
    writer.array(of_class, of_class.mean, {Code::zero});
    writer.array(of_class, of_class.m2, {Code::zero});
    writer.array(of_class, of_class.clean_mean, {Code::zero, Code::as_mean});
    writer.array(of_class, of_class.co_moment, {Code::zero, Code::as_m2});
    writer.counts(of_class.active_count);
    writer.array(of_class, of_class.active_sum, {Code::zero, Code::as_mean_where_active});
    writer.array(of_class, of_class.relevance_mean, {Code::zero});
    writer.array(of_class, of_class.absolute_relevance_mean, {Code::zero, Code::as_absolute_relevance});
  }
  return writer.take();
}

ClassMoments parse_class_moments(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  if (const std::uint64_t version = reader.integer(1); version != kVersion)
    damaged(fmt::format("version {} instead of {}", version, kVersion));
  const std::uint64_t channels = reader.integer(4), classes = reader.integer(4);
  // A class takes at least its label, n and eight code bytes.
  if (classes > reader.left() / (4 + 8 + kArrays)) damaged("more classes than there is room for");
  if (channels * classes > kMostValues / kArrays) damaged("more values than a layer can have");

  ClassMoments moments;
  for (std::uint64_t k = 0; k < classes; ++k) {
    const auto label = static_cast<std::int32_t>(static_cast<std::uint32_t>(reader.integer(4)));
    if (!moments.empty() && label <= moments.rbegin()->first) damaged("the classes are out of order");
    ChannelMoments& of_class = moments.emplace_hint(moments.end(), label, ChannelMoments(channels))->second;
    const std::uint64_t n = reader.integer(8);
    if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) damaged("a negative count");
    of_class.n = static_cast<std::int64_t>(n);
    for (const auto array : kBeforeCounts) reader.array(of_class, of_class.*array);
    reader.counts(of_class.n, of_class.active_count);
    for (const auto array : kAfterCounts) reader.array(of_class, of_class.*array);
  }
  if (reader.left() != 0) damaged("bytes after their end");
  return moments;
}

}  // namespace cuebench
