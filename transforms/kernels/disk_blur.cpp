#include "disk_blur.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <opencv2/imgproc.hpp>

#include "disk_kernel.hpp"
#include "float_picture.hpp"
#include "mat_view.hpp"

namespace cuebench {
namespace {

/// sums(y, x) = the sum of the first x pixels of row y.
cv::Mat3i row_sums(const cv::Mat3b& picture) {
  cv::Mat3i sums(picture.rows, picture.cols + 1);
  for (int y = 0; y < picture.rows; ++y) {
    cv::Vec3i sum(0, 0, 0);
    sums(y, 0) = sum;
    for (int x = 0; x < picture.cols; ++x) sums(y, x + 1) = sum += cv::Vec3i(picture(y, x));
  }
  return sums;
}

/// The sum over the disk about each pixel that is `reach` away from the border.
cv::Mat3f disk_sums(const cv::Mat3i& sums, const std::vector<int>& half_widths, double scale) {
  const int reach = static_cast<int>(half_widths.size()) / 2;
  const int height = sums.rows - 2 * reach, width = sums.cols - 1 - 2 * reach;
  cv::Mat3f result(height, width);
  std::vector<int> total(3 * width);
  for (int y = 0; y < height; ++y) {
    std::fill(total.begin(), total.end(), 0);
    for (int i = 0; i < static_cast<int>(half_widths.size()); ++i) {
      const int* begin = sums.ptr<int>(y + i) + 3 * (reach - half_widths[i]);
      const int* end = sums.ptr<int>(y + i) + 3 * (reach + half_widths[i] + 1);
      for (int x = 0; x < 3 * width; ++x) total[x] += end[x] - begin[x];
    }
    float* out = result.ptr<float>(y);
    for (int x = 0; x < 3 * width; ++x) out[x] = static_cast<float>(total[x]) * static_cast<float>(scale);
  }
  return result;
}

/// What `kernel` has and the disk convolved with the smoothing, on a grid with room for it, has not.
std::vector<Tap> difference_of(const cv::Mat1f& kernel, const std::vector<int>& half_widths,
                               const cv::Mat1f& smoothing) {
  const int room = smoothing.rows / 2, centre = kernel.rows / 2 + room;
  const int reach = static_cast<int>(half_widths.size()) / 2;
  cv::Mat1f disk(kernel.rows + 2 * room, kernel.cols + 2 * room, 0.0F), full, rest;
  for (int i = 0; i < static_cast<int>(half_widths.size()); ++i)
    for (int dx = -half_widths[i]; dx <= half_widths[i]; ++dx) disk(centre + i - reach, centre + dx) = 1;
  disk /= cv::sum(disk)[0];
  cv::sepFilter2D(disk, full, CV_32F, smoothing, smoothing, {-1, -1}, 0, cv::BORDER_CONSTANT);
  cv::copyMakeBorder(kernel, rest, room, room, room, room, cv::BORDER_CONSTANT);
  rest -= full;
  // Weights are about 1/300 or a tenth of it; below this they are rounding.
  constexpr float kNothing = 1e-8F;
  for (float& weight : rest)
    if (std::abs(weight) < kNothing) weight = 0;
  return taps_of(rest);
}

}  // namespace

DiskBlur::DiskBlur(double radius, double alias_sigma) : smoothing_(disk_smoothing(radius, alias_sigma)) {
  const int reach = static_cast<int>(radius);
  for (int dy = -reach; dy <= reach; ++dy)
    half_widths_.push_back(static_cast<int>(std::sqrt(radius * radius - dy * dy)));
  rest_ = difference_of(disk_kernel(radius, alias_sigma), half_widths_, smoothing_);
}

cv::Mat3f DiskBlur::operator()(const Image& image) const {
  const int room = smoothing_.rows / 2, margin = static_cast<int>(half_widths_.size()) / 2 + room;
  cv::Mat3b padded;
  cv::copyMakeBorder(view(image), padded, margin, margin, margin, margin, cv::BORDER_REFLECT_101);
  double count = 0;
  for (const int half : half_widths_) count += 2 * half + 1;
  cv::Mat3f blurred = disk_sums(row_sums(padded), half_widths_, 1 / (255 * count));
  cv::sepFilter2D(blurred, blurred, CV_32F, smoothing_, smoothing_);
  // The rim has been smoothed with values beyond it, which are not the picture's.
  blurred = blurred(cv::Rect(room, room, image.width, image.height)).clone();
  if (!rest_.empty()) blurred += sparse_filtered(unit_picture(image), rest_, Border::mirrored_101);
  return blurred;
}

}  // namespace cuebench
