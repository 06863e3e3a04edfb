#pragma once
// Drawn pictures of ice on a window, in place of the photographs that ImageNet-C's frost uses.

#include <cstddef>
#include <vector>

#include <cuebench/core/random.hpp>
#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// As many as the source picks from.
inline constexpr int kFrostPictures = 5;
inline constexpr int kFrostSide = 512;

/// kFrostPictures pictures of kFrostSide x kFrostSide pixels times `scale`: feathers of branching crystals (60 degrees)
/// in pale blue on a cloudy darker ground. Always the same.
std::vector<Image> frost_pictures(double scale);

/// Which picture lies over an image, and its part.
struct FrostPlace {
  std::size_t picture;
  int top, left;
};
FrostPlace draw_frost_place(RandomStream& random, const std::vector<Image>& pictures, int height, int width);

/// height x width pixels of the picture from (top, left); beyond its border it goes on mirrored.
Image frost_part(const Image& picture, int top, int left, int height, int width);

}  // namespace cuebench
