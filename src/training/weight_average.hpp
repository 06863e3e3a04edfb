#pragma once
// A moving average of a network's weights and running statistics.

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/trainable_network.hpp>

namespace cuebench {

/// After step t = 1, 2, ...: a <- d a + (1 - d) w with d = min(decay, (1 + t) / (10 + t)), from a = the initial
/// weights. The rising d (of TensorFlow's ExponentialMovingAverage) forgets the initial weights in short runs too.
class WeightAverage {
 public:
  WeightAverage(const TrainableNetwork& network, double decay);
  void update(const TrainableNetwork& network, std::int64_t steps_done);
  /// In the order of the network's tensors.
  std::vector<at::Tensor>& values() { return values_; }

 private:
  double decay_;
  std::vector<at::Tensor> values_;
};

}  // namespace cuebench
