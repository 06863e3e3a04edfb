#pragma once
// Texture of a picture without its shapes: windows cut out of it, laid over each other in random order.

#include <opencv2/core.hpp>

#include <cuebench/core/random.hpp>
#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Side of the windows for `source`: the largest of 1/5, 1/7, 1/10, ... of its shorter side that fits into the mask's
/// foreground (>= 128) in at least 16 places; at least 4 pixels, or the image's side if that is less.
int quilting_window(const Image& source, const Plane* mask);

/// height x width, in [0, 255], continuing itself at the borders. Windows of `source` that lie inside `mask` (null:
/// anywhere), flipped and turned at random, laid half over each other and blended with weights sin^4. Where the mask
/// leaves no window of 4 pixels, windows about its pixels.
cv::Mat3f quilted(const Image& source, const Plane* mask, int height, int width, RandomStream& random);

}  // namespace cuebench
