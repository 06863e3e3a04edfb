#pragma once
// Labelled images of one size in memory, as bytes.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <cuebench/core/progress.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/imaging/preset.hpp>

namespace cuebench {

struct ImageSet {
  int height = 0, width = 0;
  std::vector<std::uint8_t> pixels;  ///< [N, H, W, 3]
  std::vector<std::int64_t> labels;
  std::vector<std::string> ids;
  std::vector<std::string> notes;  ///< what was left out, one sentence each

  std::size_t size() const { return labels.size(); }
  std::size_t image_bytes() const { return std::size_t(height) * width * Image::kChannels; }
  const std::uint8_t* image(std::size_t index) const { return pixels.data() + index * image_bytes(); }
};

/// What an image of the set will look like: the first of `items` that can be read, through the preset.
/// @throws UsageError when none can.
Image example_image(const Dataset& dataset, std::span<const std::size_t> items, const Preset& preset);

struct LoadOptions {
  Preset preset;
  int height = 0, width = 0;  ///< what every image must have
  int threads = 1;
  ReportingOptions reporting = {};
};
/// Reads `items` of the data set; images that cannot be read are left out and noted. `labels` maps the data set's
/// labels.
/// @throws UsageError for an image of another size; Interrupted.
ImageSet load_images(const Dataset& dataset, std::span<const std::size_t> items, std::span<const int> labels,
                     const LoadOptions& options);

/// Per channel over all pixels, in [0, 1]: mean, and deviation (of the population).
struct ChannelStatistics {
  std::array<double, 3> mean{}, deviation{};
};
ChannelStatistics channel_statistics(const ImageSet& images);

/// A share of every label's items, drawn with the seed; what is left keeps its order.
struct Split {
  std::vector<std::size_t> training, validation;
};
Split hold_out(const Dataset& dataset, std::span<const std::size_t> items, double share, std::uint64_t seed);

}  // namespace cuebench
