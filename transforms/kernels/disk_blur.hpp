#pragma once
// The blur of a lens out of focus without a product for each pixel of its disk.

#include <vector>

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

#include "sparse_filter.hpp"

namespace cuebench {

/// The filter of disk_kernel(radius, alias_sigma), border mirrored without doubling, as three parts: the disk by sums
/// along its rows, then the small Gaussian, then what the kernel's own border makes different where the disk touches
/// it.
class DiskBlur {
 public:
  DiskBlur(double radius, double alias_sigma);
  /// Values in [0, 1].
  cv::Mat3f operator()(const Image& image) const;

 private:
  /// For dy = -reach ... reach the number of pixels on each side of the centre.
  std::vector<int> half_widths_;
  cv::Mat1f smoothing_;
  std::vector<Tap> rest_;
};

}  // namespace cuebench
