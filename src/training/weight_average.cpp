#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "weight_average.hpp"

#include <algorithm>

#include <ATen/core/grad_mode.h>

namespace cuebench {

WeightAverage::WeightAverage(const TrainableNetwork& network, double decay) : decay_(decay) {
  for (const TrainableTensor& tensor : network.tensors()) values_.push_back(tensor.value.detach().clone());
}

void WeightAverage::update(const TrainableNetwork& network, std::int64_t steps_done) {
  const at::NoGradGuard no_recording;
  const auto t = static_cast<double>(steps_done);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i].mul_(decay).add_(network.tensors()[i].value, 1 - decay);
}

}  // namespace cuebench
