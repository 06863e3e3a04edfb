#pragma once
// What saving as JPEG does to the pixels.

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Encoded with `quality` (1 to 100) and 4:2:0 chroma, and decoded. (Optimised Huffman tables would change no pixel.)
Image through_jpeg(const Image& image, int quality);

}  // namespace cuebench
