#pragma once
// Random changes of training images that leave the label as it is.

#include <cstdint>
#include <string_view>

#include "image_set.hpp"

namespace cuebench {

struct Augmentation {
  bool flip = false;  ///< mirror left and right, with probability 1/2
  int crop_padding =
      0;  ///< a window of the image's size at a random place of the image with that many black pixels around
};

/// Image `index` as floats value / 255 in the order [H, W, 3] at `out`, changed as (seed, epoch, the image's id) say.
void write_augmented(const ImageSet& images, std::size_t index, const Augmentation& augmentation, std::uint64_t seed,
                     std::int64_t epoch, float* out);
/// The image as it is.
void write_plain(const ImageSet& images, std::size_t index, float* out);

}  // namespace cuebench
