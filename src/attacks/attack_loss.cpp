#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "attack_loss.hpp"

#include <limits>

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros_like.h>

namespace cuebench {
namespace {

struct Rivals {
  at::Tensor index;   ///< [N, 1]
  at::Tensor margin;  ///< [N]
};

/// `column` is the label as [N, 1].
Rivals strongest_rivals(const at::Tensor& logits, const at::Tensor& column) {
  const at::Tensor others = logits.scatter(1, column, -std::numeric_limits<double>::infinity());
  const at::Tensor index = others.argmax(1, /*keepdim=*/true);  // the first of equal ones
  return {index, others.gather(1, index).sub_(logits.gather(1, column)).squeeze(1)};
}

LossValues cross_entropy(const at::Tensor& logits, const at::Tensor& column) {
  const at::Tensor log_probabilities = at::log_softmax(logits, 1);
  // softmax - onehot, with the label's entry as minus the sum of the others: p_y - 1 would lose all digits where the
  // model is sure.
  at::Tensor by_logits = log_probabilities.exp().scatter_(1, column, 0.0);
  const at::Tensor label_entry = by_logits.sum(1, /*keepdim=*/true).neg_();
  by_logits.scatter_(1, column, label_entry);
  return {log_probabilities.gather(1, column).squeeze(1).neg(), by_logits};
}

LossValues margin(const at::Tensor& logits, const at::Tensor& column) {
  const Rivals rivals = strongest_rivals(logits, column);
  return {rivals.margin, at::zeros_like(logits).scatter_(1, rivals.index, 1.0).scatter_(1, column, -1.0)};
}

}  // namespace

LossValues attack_loss(AttackLoss kind, const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor column = labels.unsqueeze(1);
  return kind == AttackLoss::margin ? margin(logits, column) : cross_entropy(logits, column);
}

at::Tensor rival_margin(const at::Tensor& logits, const at::Tensor& labels) {
  return strongest_rivals(logits, labels.unsqueeze(1)).margin;
}

}  // namespace cuebench
