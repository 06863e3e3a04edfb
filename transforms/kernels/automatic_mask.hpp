#pragma once
// Foreground masks from the image alone, for images that come without one. Figures: docs/variants.md.

#include <string_view>

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Saliency in [0, 1] from the minimum-barrier distance to the border (Zhang et al., ICCV 2015: raster scans over each
/// Lab channel), the Mahalanobis distance of the colour to the four border strips, and a weight for the centre.
cv::Mat1f barrier_saliency(const Image& image);

/// barrier_saliency above Otsu's threshold; 255 is foreground.
Plane barrier_mask(const Image& image);

/// GrabCut (Rother et al. 2004) from the rectangle 10 % inside the border, five iterations; deterministic.
Plane grabcut_mask(const Image& image);

/// A centred disc (an ellipse in an oblong image) over 36 % of the area.
Plane centred_disc(int height, int width);

/// False for a mask that cannot be one object's: less than 5 % or more than 80 % of the area, or on more than half of
/// the border pixels.
bool is_plausible_mask(const Plane& mask);

}  // namespace cuebench
