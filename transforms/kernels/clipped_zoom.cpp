#include "clipped_zoom.hpp"

#include <algorithm>
#include <cmath>

namespace cuebench {
namespace {

int start_of(int length, const ZoomAxis& axis) {
  return (length - axis.piece) / 2;
}

/// `picture` with a fourth channel of zeros, so that a pixel fills a vector register.
cv::Mat4f four_channels(const cv::Mat3f& picture) {
  cv::Mat4f padded(picture.size());
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const cv::Vec3f& p = picture(y, x);
      padded(y, x) = {p[0], p[1], p[2], 0};
    }
  return padded;
}

/// row = above + share (below - above).
template <typename Real>
void mix_rows(const Real* above, const Real* below, Real share, int count, Real* row) {
  for (int i = 0; i < count; ++i) row[i] = above[i] + share * (below[i] - above[i]);
}

/// Adds an enlarged row of pixels of four channels to `sum`.
void add_enlarged_row(const std::vector<float>& row, const ZoomAxis& columns, float* sum) {
  for (std::size_t x = 0; x < columns.left.size(); ++x) {
    const float* left = row.data() + 4 * columns.left[x];
    const auto share = static_cast<float>(columns.share[x]);
    for (int c = 0; c < 4; ++c) sum[4 * x + c] += left[c] + share * (left[4 + c] - left[c]);
  }
}

}  // namespace

ZoomAxis zoom_axis(int length, double zoom) {
  ZoomAxis axis;
  axis.piece = static_cast<int>(std::ceil(length / zoom));
  const int enlarged_length = static_cast<int>(std::nearbyint(axis.piece * zoom));
  const double step = enlarged_length > 1 ? double(axis.piece - 1) / (enlarged_length - 1) : 0;
  const int trim = (enlarged_length - length) / 2;
  for (int i = 0; i < length; ++i) {
    const double place = std::min((i + trim) * step, axis.piece - 1.0);
    // The last pixel has no right neighbour: it is its left one's with the whole share.
    const int left = std::clamp(static_cast<int>(place), 0, std::max(axis.piece - 2, 0));
    axis.left.push_back(left);
    axis.share.push_back(place - left);
  }
  return axis;
}

cv::Mat1d enlarged(const cv::Mat1d& piece, const ZoomAxis& rows, const ZoomAxis& columns) {
  cv::Mat1d result(static_cast<int>(rows.left.size()), static_cast<int>(columns.left.size()));
  std::vector<double> row(piece.cols + 1);
  for (int y = 0; y < result.rows; ++y) {
    const int above = rows.left[y];
    mix_rows(piece[above], piece[std::min(above + 1, piece.rows - 1)], rows.share[y], piece.cols, row.data());
    for (int x = 0; x < result.cols; ++x) {
      const double* left = row.data() + columns.left[x];
      result(y, x) = left[0] + columns.share[x] * (left[1] - left[0]);
    }
  }
  return result;
}

cv::Mat3f zoom_blurred(const cv::Mat3f& picture, const std::vector<double>& factors) {
  const cv::Mat4f source = four_channels(picture);
  cv::Mat4f sum(picture.size(), cv::Vec4f::all(0));
  std::vector<float> row(4 * (picture.cols + 1));
  for (const double factor : factors) {
    const ZoomAxis rows = zoom_axis(picture.rows, factor), columns = zoom_axis(picture.cols, factor);
    const int top = start_of(picture.rows, rows), left = start_of(picture.cols, columns);
    for (int y = 0; y < picture.rows; ++y) {
      const int above = rows.left[y], below = std::min(above + 1, rows.piece - 1);
      mix_rows(source.ptr<float>(top + above) + 4 * left, source.ptr<float>(top + below) + 4 * left,
               static_cast<float>(rows.share[y]), 4 * columns.piece, row.data());
      add_enlarged_row(row, columns, sum.ptr<float>(y));
    }
  }
  cv::Mat3f result(picture.size());
  const float count = static_cast<float>(factors.size() + 1);
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      for (int c = 0; c < 3; ++c) result(y, x)[c] = (picture(y, x)[c] + sum(y, x)[c]) / count;
  return result;
}

std::vector<double> zoom_factors(double last, double step) {
  const int count = static_cast<int>(std::lround((last - 1) / step)) + 1;
  const double exact_step = (1 + step) - 1;
  std::vector<double> factors;
  for (int i = 0; i < count; ++i) factors.push_back(1 + i * exact_step);
  return factors;
}

}  // namespace cuebench
