#pragma once
// The flakes of ImageNet-C's snow, and a picture under them.

#include <vector>

#include <opencv2/core.hpp>

#include "clipped_zoom.hpp"

namespace cuebench {

struct SnowfallOptions {
  double mean, deviation, zoom, threshold;
  int radius;
  double sigma;
};

/// Flakes in [0, 1], multiples of 1/255: mean + deviation * normal enlarged by the axes, 0 below the threshold, cut to
/// bytes, blurred along `angle` degrees. `normal`: rows.piece x columns.piece standard normal values. (The source draws
/// them for the whole image and uses its centre.)
cv::Mat1f snowfall(const std::vector<float>& normal, const ZoomAxis& rows, const ZoomAxis& columns, double angle,
                   const SnowfallOptions& options);

/// share x + (1 - share) max(x, 1.5 grey(x) + .5) + flakes + flakes turned by 180 degrees; not clipped.
/// grey = .299 R + .587 G + .114 B.
cv::Mat3f snowed_on(const cv::Mat3f& picture, const cv::Mat1f& flakes, double share);

}  // namespace cuebench
