#pragma once
// Batches for tests, and comparisons.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/model.hpp>

namespace cuebench::test {

/// A float tensor with a copy of the values.
at::Tensor tensor_of(const std::vector<float>& values, const std::vector<std::int64_t>& shape);
/// Uniform noise in [0, 1), the same for the same seed.
at::Tensor noise_images(std::uint64_t seed, const std::vector<std::int64_t>& shape);
std::vector<float> values_of(const at::Tensor& tensor);

/// max |a - b| / max |b|; infinite when the sizes differ.
template <typename A, typename B>
double relative_difference(const A& a, const B& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
  }
  return largest == 0 ? difference : difference / largest;
}

inline bool same_bits(const Inference& a, const Inference& b) {
  if (a.logits != b.logits || a.taps.size() != b.taps.size()) return false;
  for (std::size_t i = 0; i < a.taps.size(); ++i)
    if (a.taps[i].values != b.taps[i].values) return false;
  return true;
}

}  // namespace cuebench::test
