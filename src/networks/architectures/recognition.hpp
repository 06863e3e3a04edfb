#pragma once
// What recognisers ask of a checkpoint.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/networks/checkpoint.hpp>

namespace cuebench {

inline bool has_tensor(const Checkpoint& checkpoint, std::string_view name) {
  return checkpoint.find(name) != nullptr;
}

inline bool has_shape(const Checkpoint& checkpoint, std::string_view name, const std::vector<std::int64_t>& shape) {
  const WeightTensor* const tensor = checkpoint.find(name);
  return tensor && tensor->shape == shape;
}

/// Size of a tensor along an axis; 0 where there is no such tensor or axis.
inline std::int64_t extent(const Checkpoint& checkpoint, std::string_view name, std::size_t axis) {
  const WeightTensor* const tensor = checkpoint.find(name);
  return tensor && axis < tensor->shape.size() ? tensor->shape[axis] : 0;
}

/// How many of name(0), name(1), ... are there, up to the first that is not.
template <typename Name>
int count_tensors(const Checkpoint& checkpoint, Name name) {
  constexpr int kMost = 1000;
  int count = 0;
  while (count < kMost && has_tensor(checkpoint, name(count))) ++count;
  return count;
}

/// Outputs of a linear layer or a convolution that gives the logits.
inline int outputs_of(const Checkpoint& checkpoint, std::string_view layer) {
  constexpr std::int64_t kMost = 1 << 24;
  const std::int64_t rows = extent(checkpoint, std::string(layer) + ".weight", 0);
  return rows <= kMost ? static_cast<int>(rows) : 0;
}

}  // namespace cuebench
