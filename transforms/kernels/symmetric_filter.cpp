#include "symmetric_filter.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <cuebench/core/vectorised.hpp>

namespace cuebench {
namespace {

/// Eight numbers that the compiler keeps in one register of AVX2, or in two of any x86-64.
using Eight = float __attribute__((vector_size(32)));
constexpr int kLane = 8;

/// What lies at the distances -k and k of the values to be made, k = 0, 1, ...
struct Neighbours {
  std::vector<const float*> before, after;
  explicit Neighbours(std::size_t count) : before(count), after(count) {}
};

/// out[i] for kLane * kGroups values from `first` on.
template <int kGroups>
inline __attribute__((always_inline)) void sum_groups(const float* const* before, const float* const* after,
                                                      const float* weights, int count, float* out, int first) {
  Eight sums[kGroups] = {};
  for (int k = count; k-- > 1;) {
    for (int g = 0; g < kGroups; ++g) {
      Eight a, b;
      std::memcpy(&a, before[k] + first + kLane * g, sizeof a);
      std::memcpy(&b, after[k] + first + kLane * g, sizeof b);
      sums[g] += (a + b) * weights[k];
    }
  }
  for (int g = 0; g < kGroups; ++g) {
    Eight centre;
    std::memcpy(&centre, before[0] + first + kLane * g, sizeof centre);
    sums[g] += centre * weights[0];
    std::memcpy(out + first + kLane * g, &sums[g], sizeof centre);
  }
}

/// out[0..length-1] = sums over the neighbours.
void weighted_sum(const Neighbours& neighbours, const std::vector<float>& weights, float* out, int length) {
  vectorised(
      [](const float* const* before, const float* const* after, const float* factors, int count, float* target,
         int size) CUEBENCH_INLINE_BODY {
        constexpr int kGroups = 6;
        int i = 0;
        for (; i + kLane * kGroups <= size; i += kLane * kGroups)
          sum_groups<kGroups>(before, after, factors, count, target, i);
        for (; i + kLane <= size; i += kLane) sum_groups<1>(before, after, factors, count, target, i);
        for (; i < size; ++i) {
          float sum = 0;
          for (int k = count; k-- > 1;) sum += (before[k][i] + after[k][i]) * factors[k];
          target[i] = sum + before[0][i] * factors[0];
        }
      },
      neighbours.before.data(), neighbours.after.data(), weights.data(), static_cast<int>(weights.size()), out, length);
}

}  // namespace

cv::Mat symmetric_filtered(const cv::Mat& picture, const std::vector<float>& weights, const BorderIndex& border,
                           float outside) {
  CV_Assert(picture.depth() == CV_32F && !weights.empty());
  const int channels = picture.channels(), length = picture.cols * channels;
  const int count = static_cast<int>(weights.size()), margin = count - 1;
  const std::vector<float> constant_row(length, outside);
  // One row with room for the margins on both sides, and where each pixel of the margins is read.
  std::vector<float> padded(length + 2 * std::size_t(margin) * channels, outside);
  float* const middle = padded.data() + std::size_t(margin) * channels;
  std::vector<int> left(margin), right(margin);
  for (int i = 0; i < margin; ++i) {
    left[i] = border(-1 - i, picture.cols);
    right[i] = border(picture.cols + i, picture.cols);
  }
  Neighbours down(count), along(count);
  for (int k = 0; k < count; ++k) {
    along.before[k] = middle - std::ptrdiff_t(k) * channels;
    along.after[k] = middle + std::ptrdiff_t(k) * channels;
  }
  const auto row = [&](int y) {
    const int index = y >= 0 && y < picture.rows ? y : border(y, picture.rows);
    return index < 0 ? constant_row.data() : picture.ptr<float>(index);
  };
  cv::Mat filtered(picture.size(), picture.type());
  for (int y = 0; y < picture.rows; ++y) {
    for (int k = 0; k < count; ++k) {
      down.before[k] = row(y - k);
      down.after[k] = row(y + k);
    }
    weighted_sum(down, weights, middle, length);
    for (int i = 0; i < margin; ++i) {
      if (left[i] >= 0) std::copy_n(middle + left[i] * channels, channels, middle - (i + 1) * channels);
      if (right[i] >= 0) std::copy_n(middle + right[i] * channels, channels, middle + length + i * channels);
    }
    weighted_sum(along, weights, filtered.ptr<float>(y), length);
  }
  return filtered;
}

}  // namespace cuebench
