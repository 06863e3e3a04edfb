#pragma once
// What an attack raises, image by image, with its derivative by the logits.

#include <ATen/core/Tensor.h>

namespace cuebench {

enum class AttackLoss {
  cross_entropy,  ///< -log softmax(z)_y
  margin,         ///< max_{j != y} z_j - z_y (Carlini and Wagner's difference)
  /// (max_{j != y} z_j - z_y) / (z_(1) - z_(3) + 1e-12), z_(k) the k-th largest: no scale of the logits can hide its
  /// gradient (Croce and Hein 2020). Three classes or more.
  dlr,
};

struct LossValues {
  at::Tensor loss;       ///< [N]
  at::Tensor by_logits;  ///< [N, classes]: derivative of image i's loss by its logits
};

/// `logits` [N, classes >= 2] without gradient, `labels` [N] int64 on the same device. Of equal rivals of the label the
/// lowest class index counts.
LossValues attack_loss(AttackLoss kind, const at::Tensor& logits, const at::Tensor& labels);

/// (z_t - z_y) / (z_(1) - (z_(3) + z_(4)) / 2 + 1e-12) with targets t [N] int64: the targeted form of dlr. Four classes
/// or more.
LossValues targeted_dlr(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets);

/// z_t - z_y.
LossValues target_difference(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets);

/// [N, count] int64: the classes that follow the label when logits fall, of equal ones the lowest index first.
at::Tensor strongest_targets(const at::Tensor& logits, const at::Tensor& labels, std::int64_t count);

/// [N]: largest other logit minus the label's. An image is fooled where it is >= 0: ties count against the label, as in
/// an Outcome.
at::Tensor rival_margin(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace cuebench
