#pragma once
// What stands between images in [0, 1] and the first layer: channels, their order, mean and standard deviation.

#include <string>

#include <ATen/core/Tensor.h>

#include <cuebench/networks/architecture.hpp>

namespace cuebench {

/// x -> (x - mean) / std per channel, channels in the order the network wants; mean and std stand in that order too.
/// Not folded into the first convolution: its zero padding does not commute with the shift.
struct InputNormalisation {
  bool bgr = false;
  std::int64_t channels = 3;
  at::Tensor mean, std;              ///< [1, C, 1, 1]; undefined where they are 0 and 1
  at::ScalarType type = at::kFloat;  ///< of the result; it is computed in float32

  /// Differentiable. A one-channel network turns RGB into luma (ITU-R BT.601: 0.299, 0.587, 0.114).
  at::Tensor apply(const at::Tensor& images) const;
};

/// @throws UsageError where the sidecar has another number of values than channels, or a std that is not positive.
InputNormalisation make_input_normalisation(const Sidecar& sidecar, std::int64_t channels, const std::string& model);

}  // namespace cuebench
