#pragma once
// TorchScript networks from pictures to pictures or masks.

#include <filesystem>

#include <cuebench/core/planar_network.hpp>

namespace cuebench {

/// Each argument becomes a tensor 1 x channels x height x width. The answer is one tensor of that form (the first
/// dimension may be absent), or a dictionary with the tensor "out", as torchvision's segmentation networks give.
/// @throws UsageError for a file that this LibTorch cannot load.
PlanarNetwork open_script_network(const std::filesystem::path& file);

}  // namespace cuebench
