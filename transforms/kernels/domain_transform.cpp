#include "domain_transform.hpp"

#include <cmath>
#include <vector>

namespace cuebench {
namespace {

/// Per row, the running sum of 1 + space/range * |difference of neighbours|: distances along the warped row.
cv::Mat1f warped_rows(const cv::Mat3f& guide, const DomainTransformOptions& options) {
  const float ratio = static_cast<float>(options.space / options.range);
  cv::Mat1f position(guide.size());
  for (int y = 0; y < guide.rows; ++y) {
    const cv::Vec3f* in = guide[y];
    float* out = position[y];
    float at = 0;
    out[0] = at;
    for (int x = 1; x < guide.cols; ++x) {
      const cv::Vec3f step = in[x] - in[x - 1];
      at += 1 + ratio * (std::abs(step[0]) + std::abs(step[1]) + std::abs(step[2]));
      out[x] = at;
    }
  }
  return position;
}

/// Mean over the pixels of the row within `radius` in warped distance.
void box_filter_row(const cv::Vec3f* in, const float* position, int length, float radius, cv::Vec3f* out) {
  double sum[3] = {0, 0, 0};
  int first = 0, end = 0;
  for (int x = 0; x < length; ++x) {
    while (end < length && position[end] <= position[x] + radius) {
      for (int c = 0; c < 3; ++c) sum[c] += in[end][c];
      ++end;
    }
    while (position[first] < position[x] - radius) {
      for (int c = 0; c < 3; ++c) sum[c] -= in[first][c];
      ++first;
    }
    const double share = 1.0 / (end - first);
    for (int c = 0; c < 3; ++c) out[x][c] = static_cast<float>(sum[c] * share);
  }
}

void box_filter_rows(const cv::Mat3f& in, const cv::Mat1f& position, float radius, cv::Mat3f& out) {
  out.create(in.size());
  for (int y = 0; y < in.rows; ++y) box_filter_row(in[y], position[y], in.cols, radius, out[y]);
}

}  // namespace

cv::Mat3f domain_transform(const cv::Mat3f& image, const cv::Mat3f& guide, const DomainTransformOptions& options) {
  cv::Mat3f turned_guide;
  cv::transpose(guide, turned_guide);
  const cv::Mat1f along_rows = warped_rows(guide, options), along_columns = warped_rows(turned_guide, options);

  cv::Mat3f upright = image.clone(), turned, filtered;
  for (int i = 1; i <= options.iterations; ++i) {
    // The standard deviations of the passes: halving each time, their squares adding up to that asked for.
    const double sigma = options.space * std::sqrt(3.0) * std::pow(2.0, options.iterations - i) /
                         std::sqrt(std::pow(4.0, options.iterations) - 1);
    const float radius = static_cast<float>(sigma * std::sqrt(3.0));
    box_filter_rows(upright, along_rows, radius, filtered);
    cv::transpose(filtered, turned);
    box_filter_rows(turned, along_columns, radius, filtered);
    cv::transpose(filtered, upright);
  }
  return upright;
}

}  // namespace cuebench
