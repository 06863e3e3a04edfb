#pragma once
// A separable symmetric filter in single precision, as fast as the machine adds: half the multiplications, sums in
// registers.

#include <functional>
#include <vector>

#include <opencv2/core.hpp>

namespace cuebench {

/// Where a row or column outside 0..size-1 is read, or -1 for the constant.
using BorderIndex = std::function<int(int index, int size)>;

/// Both axes filtered with weights[0] at the centre and weights[k] at the distances -k and k, first down the columns,
/// then along the rows. `picture` has any number of float channels; `outside` is the constant.
cv::Mat symmetric_filtered(const cv::Mat& picture, const std::vector<float>& weights, const BorderIndex& border,
                           float outside);

}  // namespace cuebench
