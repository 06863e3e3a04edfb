#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "tensors.hpp"

#include <algorithm>

#include <ATen/ops/empty.h>

#include <cuebench/core/random.hpp>

namespace cuebench::test {

at::Tensor tensor_of(const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

at::Tensor noise_images(std::uint64_t seed, const std::vector<std::int64_t>& shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  RandomStream stream(seed, "noise", "tests");
  std::generate_n(tensor.data_ptr<float>(), tensor.numel(), [&] { return static_cast<float>(stream.uniform()); });
  return tensor;
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

}  // namespace cuebench::test
