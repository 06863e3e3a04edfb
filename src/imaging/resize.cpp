#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <cuebench/core/errors.hpp>
#include <cuebench/imaging/resize.hpp>

#include "resample_passes.hpp"

namespace cuebench {
namespace {

constexpr std::array<std::pair<std::string_view, Resampling>, 5> kResamplings = {{{"nearest", Resampling::nearest},
                                                                                  {"box", Resampling::box},
                                                                                  {"bilinear", Resampling::bilinear},
                                                                                  {"bicubic", Resampling::bicubic},
                                                                                  {"lanczos", Resampling::lanczos}}};

void require_inside(const Crop& crop, int height, int width) {
  if (crop.top < 0 || crop.left < 0 || crop.height < 0 || crop.width < 0 || crop.top > height - crop.height ||
      crop.left > width - crop.width) {
    throw std::invalid_argument("the crop lies outside the image");
  }
}

/// The input index of each output of [begin, begin + length). Pillow adds up the step instead of multiplying
/// (ImagingScaleAffine), and where the sum falls on an edge its rounding decides: so do we.
std::vector<int> nearest_indices(int in_size, int out_size, int begin, int length) {
  const double step = double(in_size) / out_size;
  std::vector<int> indices(length);
  double position = step * 0.5;
  for (int i = 0; i < begin + length; ++i, position += step) {
    if (i >= begin) indices[i - begin] = std::min(static_cast<int>(position), in_size - 1);
  }
  return indices;
}

template <int kChannels, class Raster>
Raster resize_by_index(const Raster& input, int height, int width, const Crop& crop) {
  Raster output(crop.height, crop.width);
  const std::vector<int> columns = nearest_indices(input.width, width, crop.left, crop.width);
  const std::vector<int> rows = nearest_indices(input.height, height, crop.top, crop.height);
  for (int y = 0; y < crop.height; ++y) {
    const std::uint8_t* source = input.row(rows[y]);
    std::uint8_t* target = output.row(y);
    for (int x = 0; x < crop.width; ++x, target += kChannels) {
      std::memcpy(target, source + std::size_t(columns[x]) * kChannels, kChannels);
    }
  }
  return output;
}

template <int kChannels, class Raster>
Raster copy_rectangle(const Raster& input, const Crop& crop) {
  require_inside(crop, input.height, input.width);
  Raster output(crop.height, crop.width);
  if (output.empty()) return output;
  for (int y = 0; y < crop.height; ++y) {
    std::memcpy(output.row(y), input.row(crop.top + y) + std::size_t(crop.left) * kChannels,
                std::size_t(crop.width) * kChannels);
  }
  return output;
}

}  // namespace

Resampling parse_resampling(std::string_view word) {
  std::vector<std::string> known;
  for (const auto& [name, value] : kResamplings) {
    if (name == word) return value;
    known.emplace_back(name);
  }
  throw UsageError(unknown_name_message("resampling", word, known, "cuebench list presets"));
}

std::string_view to_string(Resampling resampling) {
  for (const auto& [name, value] : kResamplings) {
    if (value == resampling) return name;
  }
  return "";
}

Image resize(const Image& image, int height, int width, Resampling resampling) {
  return resize_cropped(image, height, width, resampling, {0, 0, height, width});
}

Image resize_cropped(const Image& image, int height, int width, Resampling resampling, const Crop& crop) {
  if (image.empty() || height < 1 || width < 1) throw std::invalid_argument("a resize from or to an empty image");
  require_inside(crop, height, width);
  if (crop.height == 0 || crop.width == 0) return Image(crop.height, crop.width);
  if (resampling == Resampling::nearest) return resize_by_index<Image::kChannels>(image, height, width, crop);

  // A pass that keeps the size is left out, as in Pillow.
  const bool same_height = image.height == height, same_width = image.width == width;
  if (same_height && same_width) return cuebench::crop(image, crop);
  ResampleWeights vertical;
  if (!same_height) vertical = resample_weights(image.height, height, crop.top, crop.height, resampling);
  const int row_begin = same_height ? crop.top : vertical.input_begin();
  const int row_end = same_height ? crop.top + crop.height : vertical.input_end();

  const int row_bytes = crop.width * Image::kChannels;
  RowsView rows = {image.row(row_begin) + std::size_t(crop.left) * Image::kChannels,
                   std::ptrdiff_t(image.width) * Image::kChannels};
  PaddedRows resampled;
  if (!same_width) {
    const ResampleWeights horizontal = resample_weights(image.width, width, crop.left, crop.width, resampling);
    const RowsView whole = {image.pixels.data(), std::ptrdiff_t(image.width) * Image::kChannels};
    resampled = resample_horizontally(whole, row_begin, row_end, horizontal);
    rows = resampled.view();
  }
  Image output(crop.height, crop.width);
  if (!same_height) {
    resample_vertically(rows, row_begin, row_bytes, vertical, output.pixels.data());
  } else {
    for (int y = 0; y < crop.height; ++y) std::memcpy(output.row(y), rows.row(y), row_bytes);
  }
  return output;
}

Plane resize_nearest(const Plane& plane, int height, int width) {
  return resize_nearest_cropped(plane, height, width, {0, 0, height, width});
}

Plane resize_nearest_cropped(const Plane& plane, int height, int width, const Crop& crop) {
  if (plane.empty() || height < 1 || width < 1) throw std::invalid_argument("a resize from or to an empty plane");
  require_inside(crop, height, width);
  return resize_by_index<1>(plane, height, width, crop);
}

Image crop(const Image& image, const Crop& crop) {
  return copy_rectangle<Image::kChannels>(image, crop);
}

Plane crop(const Plane& plane, const Crop& crop) {
  return copy_rectangle<1>(plane, crop);
}

}  // namespace cuebench
