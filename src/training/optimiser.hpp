#pragma once
// Stochastic gradient descent as torch.optim.SGD computes it (dampening 0).

#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/trainable_network.hpp>

namespace cuebench {

struct SgdOptions {
  double momentum = 0.9;
  double weight_decay = 5e-4;       ///< added to the gradient: g + weight_decay * w
  bool nesterov = false;            ///< only with momentum
  bool decay_weights_only = false;  ///< leave biases and batch normalisation undecayed
};

class Sgd {
 public:
  Sgd(TrainableNetwork& network, const SgdOptions& options);

  /// b <- momentum * b + g; w <- w - rate * b (nesterov: w - rate * (g + momentum * b)). Takes the gradients that a
  /// backward pass left at the tensors, and clears them.
  void step(double rate);

  /// One per tensor of the network, in its order; undefined for those that are not trained.
  std::vector<at::Tensor>& momentum_buffers() { return buffers_; }

 private:
  TrainableNetwork& network_;
  SgdOptions options_;
  std::vector<at::Tensor> buffers_;
};

}  // namespace cuebench
