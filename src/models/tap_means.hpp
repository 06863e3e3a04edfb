#pragma once
// Activations to per-image channel values.

#include <ATen/core/Tensor.h>

#include <cuebench/models/model.hpp>

namespace cuebench {

/// Spatial means of a dense tensor [N, C, ...]; a vector tap [N, C] is its own mean. Sums in double, made where the
/// tensor is.
TapMeans spatial_means(const at::Tensor& activation);
/// The same as sums over positions, for gradients.
TapMeans spatial_sums(const at::Tensor& gradient);

/// Row-major copy of a dense tensor on the host.
std::vector<float> to_vector(const at::Tensor& tensor);

}  // namespace cuebench
