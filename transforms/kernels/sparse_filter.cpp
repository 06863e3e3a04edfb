#include "sparse_filter.hpp"

#include <algorithm>
#include <cstdlib>

#include <opencv2/core/hal/intrin.hpp>

namespace cuebench {
namespace {

constexpr int kVectors = 8;

struct PlacedTap {
  const float* source;
  float weight;
};

/// Sums of kVectors x 4 neighbouring results, in registers while the taps go by (GCC spills an array of floats).
void filter_block(const std::vector<PlacedTap>& taps, int begin, float* out) {
  cv::v_float32x4 sums[kVectors];
  for (auto& sum : sums) sum = cv::v_setzero_f32();
  for (const PlacedTap& tap : taps) {
    const cv::v_float32x4 weight = cv::v_setall_f32(tap.weight);
    for (int i = 0; i < kVectors; ++i) sums[i] = cv::v_muladd(weight, cv::v_load(tap.source + begin + 4 * i), sums[i]);
  }
  for (int i = 0; i < kVectors; ++i) cv::v_store(out + begin + 4 * i, sums[i]);
}

void filter_row(const std::vector<PlacedTap>& taps, float* out, int count) {
  int begin = 0;
  for (; begin + 4 * kVectors <= count; begin += 4 * kVectors) filter_block(taps, begin, out);
  for (; begin < count; ++begin) {
    float sum = 0;
    for (const PlacedTap& tap : taps) sum += tap.weight * tap.source[begin];
    out[begin] = sum;
  }
}

}  // namespace

std::vector<Tap> taps_of(const cv::Mat1f& kernel) {
  CV_Assert(kernel.rows % 2 == 1 && kernel.cols % 2 == 1);
  std::vector<Tap> taps;
  for (int y = 0; y < kernel.rows; ++y)
    for (int x = 0; x < kernel.cols; ++x)
      if (kernel(y, x) != 0) taps.push_back({y - kernel.rows / 2, x - kernel.cols / 2, kernel(y, x)});
  return taps;
}

cv::Mat sparse_filtered(const cv::Mat& picture, const std::vector<Tap>& taps, Border border) {
  CV_Assert(picture.depth() == CV_32F);
  int top = 0, bottom = 0, left = 0, right = 0;
  for (const Tap& tap : taps) {
    top = std::max(top, -tap.dy);
    bottom = std::max(bottom, tap.dy);
    left = std::max(left, -tap.dx);
    right = std::max(right, tap.dx);
  }
  cv::Mat padded;
  cv::copyMakeBorder(picture, padded, top, bottom, left, right, border_type(border) | cv::BORDER_ISOLATED);
  cv::Mat filtered(picture.size(), picture.type());
  std::vector<PlacedTap> placed(taps.size());
  for (int y = 0; y < picture.rows; ++y) {
    std::transform(taps.begin(), taps.end(), placed.begin(), [&](const Tap& tap) {
      return PlacedTap{padded.ptr<float>(y + top + tap.dy) + (left + tap.dx) * picture.channels(), tap.weight};
    });
    filter_row(placed, filtered.ptr<float>(y), picture.cols * picture.channels());
  }
  return filtered;
}

}  // namespace cuebench
