#include "network_file.hpp"

#include <fmt/format.h>

namespace cuebench {

PlanarNetwork open_network(std::string_view transform, const TransformResources& resources,
                           const std::filesystem::path& file) {
  if (!resources.open_network)
    throw NeedsLibTorch(
        fmt::format("{}: '{}' needs LibTorch and this build has none: install libtorch-dev and build "
                    "with the preset `default`",
                    transform, file.string()));
  if (!std::filesystem::is_regular_file(file))
    throw UsageError(
        fmt::format("{}: there is no file '{}': give a TorchScript file (torch.jit.save)", transform, file.string()));
  return resources.open_network(file);
}

Planes planes_of(const Image& image) {
  Planes planes{Image::kChannels, image.height, image.width, {}};
  planes.values.resize(image.pixels.size());
  const std::size_t plane = std::size_t(image.height) * image.width;
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    planes.values[i % Image::kChannels * plane + i / Image::kChannels] = static_cast<float>(image.pixels[i]) / 255.0F;
  return planes;
}

}  // namespace cuebench
