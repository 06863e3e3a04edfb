#pragma once
// The loss of TRADES.

#include <ATen/core/Tensor.h>

#include <cuebench/models/trainable_network.hpp>

namespace cuebench {

/// sum over images of KL(p || softmax(logits)).
at::Tensor summed_divergence(const at::Tensor& logits, const at::Tensor& p);

struct TradesLoss {
  at::Tensor loss;   ///< mean CE(z(x), y) + beta * mean KL(p(x) || p(x')), recorded
  at::Tensor clean;  ///< z(x)
};
/// Two passes in train mode, the clean images first; gradients flow through both.
TradesLoss trades_loss(TrainableNetwork& network, const at::Tensor& images, const at::Tensor& moved,
                       const at::Tensor& labels, double beta, double label_smoothing);

}  // namespace cuebench
