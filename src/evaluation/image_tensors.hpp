#pragma once
// Images as models take them, and back.

#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Images of one size -> float [N, 3, H, W] in [0, 1].
at::Tensor to_tensor(const std::vector<const Image*>& images);

/// Float [3, H, W] in [0, 1] on any device -> the nearest bytes, for pictures.
Image to_image(const at::Tensor& pixels);

}  // namespace cuebench
