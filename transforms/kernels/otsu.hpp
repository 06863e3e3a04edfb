#pragma once
// Otsu's threshold (1979), as scikit-image's threshold_otsu on 8-bit images.

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// The level t that maximises (pixels <= t) (pixels > t) (difference of the two means)^2, the first if several do;
/// pixels above t are the bright class. The level itself for an image of one level, which has no bright class.
int otsu_threshold(const Plane& plane);

}  // namespace cuebench
