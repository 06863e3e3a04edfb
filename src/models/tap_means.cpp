#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "tap_means.hpp"

namespace cuebench {
namespace {

/// Four independent sums: the additions of one double sum would wait for each other. The order is fixed.
double sum(const float* values, std::int64_t count) {
  double parts[4] = {0, 0, 0, 0};
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (int k = 0; k < 4; ++k) parts[k] += values[i + k];
  for (; i < count; ++i) parts[0] += values[i];
  return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/// Sums in double where the tensor is; only they are copied to the host.
std::vector<double> sums_on_device(const at::Tensor& tensor) {
  at::Tensor sums = tensor.to(at::kDouble).flatten(1);
  if (tensor.dim() > 2) sums = tensor.flatten(2).sum(2, /*keepdim=*/false, at::kDouble);
  sums = sums.to(at::kCPU).contiguous();
  return {sums.data_ptr<double>(), sums.data_ptr<double>() + sums.numel()};
}

TapMeans reduce_on_device(const at::Tensor& tensor, bool mean) {
  TapMeans result{tensor.size(0), tensor.size(1), sums_on_device(tensor)};
  const double positions = static_cast<double>(tensor.numel()) / static_cast<double>(result.values.size());
  if (mean)
    for (double& value : result.values) value /= positions;
  return result;
}

TapMeans reduce(const at::Tensor& tensor, bool mean) {
  // Tokens hold their channels last.
  const at::Tensor channels_first = tensor.dim() == 3 ? tensor.detach().transpose(1, 2) : tensor.detach();
  if (!tensor.device().is_cpu() || tensor.scalar_type() != at::kFloat) return reduce_on_device(channels_first, mean);
  const at::Tensor dense = channels_first.contiguous();
  TapMeans result;
  result.images = dense.size(0);
  result.channels = dense.size(1);
  const std::int64_t rows = result.images * result.channels;
  const std::int64_t positions = rows ? dense.numel() / rows : 0;
  const float* const data = dense.data_ptr<float>();
  result.values.resize(rows);
  for (std::int64_t row = 0; row < rows; ++row) {
    const double total = sum(data + row * positions, positions);
    result.values[row] = mean ? total / static_cast<double>(positions) : total;
  }
  return result;
}

}  // namespace

TapMeans spatial_means(const at::Tensor& activation) {
  return reduce(activation, true);
}

TapMeans spatial_sums(const at::Tensor& gradient) {
  return reduce(gradient, false);
}

std::vector<float> to_vector(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* const data = dense.data_ptr<float>();
  return {data, data + dense.numel()};
}

}  // namespace cuebench
