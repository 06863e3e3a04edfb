#pragma once
// Pillow's resampling: separable, antialiased, 8-bit fixed point, rounded after each pass, horizontal pass first.

#include <string_view>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

enum class Resampling { nearest, box, bilinear, bicubic, lanczos };

/// @throws UsageError for an unknown word.
Resampling parse_resampling(std::string_view word);
std::string_view to_string(Resampling resampling);

/// A rectangle of the output of a resize; only these rows and columns are computed.
struct Crop {
  int top = 0, left = 0, height = 0, width = 0;
};

/// Equal to PIL.Image.resize((width, height), resampling) to the bit. height, width >= 1.
/// @throws std::invalid_argument, as all functions here, for an empty image or size or a crop outside the image.
Image resize(const Image& image, int height, int width, Resampling resampling);
/// The rectangle `crop` of resize(image, height, width, resampling), without computing the rest.
Image resize_cropped(const Image& image, int height, int width, Resampling resampling, const Crop& crop);
/// Nearest neighbour as Pillow's, for masks.
Plane resize_nearest(const Plane& plane, int height, int width);
/// The rectangle `crop` of it.
Plane resize_nearest_cropped(const Plane& plane, int height, int width, const Crop& crop);
Image crop(const Image& image, const Crop& crop);
Plane crop(const Plane& plane, const Crop& crop);

}  // namespace cuebench
