#pragma once
// What an attack raises, image by image, with its derivative by the logits.

#include <ATen/core/Tensor.h>

namespace cuebench {

enum class AttackLoss {
  cross_entropy,  ///< -log softmax(z)_y
  margin,         ///< max_{j != y} z_j - z_y (Carlini and Wagner's difference)
};

struct LossValues {
  at::Tensor loss;       ///< [N]
  at::Tensor by_logits;  ///< [N, classes]: derivative of image i's loss by its logits
};

/// `logits` [N, classes >= 2] without gradient, `labels` [N] int64 on the same device. Of equal rivals of the label the
/// lowest class index counts.
LossValues attack_loss(AttackLoss kind, const at::Tensor& logits, const at::Tensor& labels);

/// [N]: largest other logit minus the label's. An image is fooled where it is >= 0: ties count against the label, as in
/// an Outcome.
at::Tensor rival_margin(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace cuebench
