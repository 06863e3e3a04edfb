#pragma once
// Networks that a transform takes from a TorchScript file.

#include <filesystem>
#include <string_view>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {

/// Thrown where a network is wanted and the program has no LibTorch: another program of the project can do it.
class NeedsLibTorch : public UsageError {
 public:
  using UsageError::UsageError;
};

/// `transform` names the asker in messages. @throws NeedsLibTorch, UsageError for a file that cannot be opened.
PlanarNetwork open_network(std::string_view transform, const TransformResources& resources,
                           const std::filesystem::path& file);

/// 3 channels in [0, 1].
Planes planes_of(const Image& image);

}  // namespace cuebench
