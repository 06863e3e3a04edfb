#pragma once
// Networks that a transform takes from a TorchScript file.

#include <filesystem>
#include <string_view>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {

/// `transform` names the asker in messages. @throws NeedsLibTorch, UsageError for a file that cannot be opened.
PlanarNetwork open_network(std::string_view transform, const TransformResources& resources,
                           const std::filesystem::path& file);

/// 3 channels in [0, 1].
Planes planes_of(const Image& image);

}  // namespace cuebench
