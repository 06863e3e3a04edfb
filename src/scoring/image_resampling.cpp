#include "image_resampling.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>
#include <cuebench/core/vectorised.hpp>

namespace cuebench::scoring {
namespace {

constexpr std::size_t kAlignment = 32;
constexpr std::size_t kChunk = 256;  // 256 weights of at most 255 fit 16 bits

}  // namespace

ImageSubsets::ImageSubsets(std::vector<std::uint32_t> stratum_sizes, std::span<const std::uint32_t> segment_of_stratum,
                           std::size_t segments)
    : stratum_sizes_(std::move(stratum_sizes)) {
  std::uint32_t at = 0;
  const auto align = [&] { at = static_cast<std::uint32_t>((at + kAlignment - 1) / kAlignment * kAlignment); };
  for (std::size_t s = 0; s < stratum_sizes_.size(); ++s) {
    if (segment_begin_.size() <= segment_of_stratum[s]) align();
    segment_begin_.resize(std::max<std::size_t>(segment_begin_.size(), segment_of_stratum[s] + 1), at);
    stratum_begin_.push_back(at);
    for (std::uint32_t i = 0; i < stratum_sizes_[s]; ++i) position_.push_back(at++);
    images_ += stratum_sizes_[s];
  }
  align();
  stride_ = at;
  segment_begin_.resize(segments + 1, at);
}

std::size_t ImageSubsets::add(const std::function<bool(std::size_t)>& contains) {
  bytes_.resize(bytes_.size() + stride_);
  std::uint8_t* row = bytes_.data() + subsets_ * stride_;
  for (std::size_t i = 0; i < images_; ++i) row[position_[i]] = contains(i) ? 255 : 0;
  return subsets_++;
}

void ImageSubsets::sum(const std::vector<std::uint8_t>& weights, std::vector<std::uint32_t>& sums) const {
  sums.resize(subsets_ * segments());
  vectorised(
      [](const std::uint8_t* w, const std::uint8_t* rows, std::size_t count, std::size_t stride,
         const std::uint32_t* begin, std::size_t segment_count, std::uint32_t* out) CUEBENCH_INLINE_BODY {
        for (std::size_t row = 0; row < count; ++row, rows += stride) {
          for (std::size_t segment = 0; segment < segment_count; ++segment) {
            std::uint32_t total = 0;
            for (std::size_t from = begin[segment]; from < begin[segment + 1]; from += kChunk) {
              const std::size_t end = from + kChunk < begin[segment + 1] ? from + kChunk : begin[segment + 1];
              std::uint16_t part = 0;
              for (std::size_t i = from; i < end; ++i) part = static_cast<std::uint16_t>(part + (w[i] & rows[i]));
              total += part;
            }
            *out++ = total;
          }
        }
      },
      weights.data(), bytes_.data(), subsets_, stride_, segment_begin_.data(), segments(), sums.data());
}

std::vector<std::uint32_t> ImageSubsets::observed() const {
  std::vector<std::uint32_t> sums;
  sum(std::vector<std::uint8_t>(stride_, 1), sums);
  return sums;
}

void ImageSubsets::resample(std::uint64_t seed, std::string_view purpose, int replicate,
                            std::vector<std::uint32_t>& sums) const {
  std::vector<std::uint8_t> weights(stride_, 0);
  RandomStream stream(seed, fmt::format("images, replicate {}", replicate), purpose);
  for (std::size_t s = 0; s < stratum_sizes_.size(); ++s) {
    std::uint8_t* stratum = weights.data() + stratum_begin_[s];
    for (std::uint32_t i = 0; i < stratum_sizes_[s]; ++i) {
      std::uint8_t& weight = stratum[stream.below(stratum_sizes_[s])];
      weight = static_cast<std::uint8_t>(weight + (weight < 255));
    }
  }
  sum(weights, sums);
}

}  // namespace cuebench::scoring
