#pragma once
// The zoom of ImageNet-C: the centre of a picture, enlarged to the picture's size with corner alignment.

#include <vector>

#include <opencv2/core.hpp>

namespace cuebench {

/// Where the pixels of one zoomed axis come from.
struct ZoomAxis {
  /// Length of the piece of the axis that is enlarged: ceil(length / zoom), centred (rounded towards the start).
  int piece = 0;
  /// For each pixel the one to the left in the piece, and the share of its right neighbour.
  std::vector<int> left;
  std::vector<double> share;
};

/// The piece is enlarged to round(piece zoom) pixels (halves to even) whose first and last meet the piece's, of which
/// `length` in the centre stay. length >= 1, zoom >= 1. The source takes the height for both axes, that is, it knows
/// squares only; here each axis has its own.
ZoomAxis zoom_axis(int length, double zoom);

/// The enlargement by linear interpolation of a piece of rows.piece x columns.piece values.
cv::Mat1d enlarged(const cv::Mat1d& piece, const ZoomAxis& rows, const ZoomAxis& columns);

/// (x + the sum of x enlarged by each factor) / (number of factors + 1).
cv::Mat3f zoom_blurred(const cv::Mat3f& picture, const std::vector<double>& factors);

/// 1, 1 + step, ... up to `last`, with the rounding errors of numpy.arange, which decide some sizes.
std::vector<double> zoom_factors(double last, double step);

}  // namespace cuebench
