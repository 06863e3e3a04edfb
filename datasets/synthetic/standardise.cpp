#include "standardise.hpp"

#include <cmath>

namespace cuebench::synthetic {

void standardise(Field& field, const Field& weights, const Box& box) {
  double sum = 0, first = 0, second = 0;
  for (int y = box.top; y < box.bottom; ++y) {
    const float *values = field.row(y), *weight = weights.row(y);
    float row_sum = 0, row_first = 0, row_second = 0;
    for (int x = box.left; x < box.right; ++x) {
      row_sum += weight[x];
      row_first += weight[x] * values[x];
      row_second += weight[x] * values[x] * values[x];
    }
    sum += row_sum;
    first += row_first;
    second += row_second;
  }
  const double mean = sum > 0 ? first / sum : 0, variance = sum > 0 ? second / sum - mean * mean : 0;
  const float shift = float(mean), gain = variance > 1e-9 ? float(1 / std::sqrt(variance)) : 0.0F;
  for (int y = box.top; y < box.bottom; ++y) {
    float* values = field.row(y);
    for (int x = box.left; x < box.right; ++x) values[x] = (values[x] - shift) * gain;
  }
}

}  // namespace cuebench::synthetic
