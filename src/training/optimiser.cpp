#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "optimiser.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

namespace cuebench {

Sgd::Sgd(TrainableNetwork& network, const SgdOptions& options) : network_(network), options_(options) {
  // PyTorch's first step copies the gradient into the buffer: the same as starting from zero.
  for (const TrainableTensor& tensor : network.tensors())
    buffers_.push_back(tensor.trained ? at::zeros_like(tensor.value.detach()) : at::Tensor());
}

void Sgd::step(double rate) {
  const at::NoGradGuard no_recording;
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    TrainableTensor& tensor = network_.tensors()[i];
    if (!tensor.trained || !tensor.value.grad().defined()) continue;
    at::Tensor gradient = tensor.value.grad();
    const bool decays = options_.weight_decay != 0 && (tensor.is_weight || !options_.decay_weights_only);
    if (decays) gradient = gradient.add(tensor.value, options_.weight_decay);
    if (options_.momentum != 0) {
      buffers_[i].mul_(options_.momentum).add_(gradient);
      gradient = options_.nesterov ? gradient.add(buffers_[i], options_.momentum) : buffers_[i];
    }
    tensor.value.add_(gradient, -rate);
    tensor.value.mutable_grad().reset();
  }
}

}  // namespace cuebench
