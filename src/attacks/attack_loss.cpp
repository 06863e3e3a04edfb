#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "attack_loss.hpp"

#include <initializer_list>
#include <limits>

#include <ATen/ops/full_like.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/sort.h>
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

/// Keeps 0 / 0 out of ratios of differences of logits.
constexpr double kSmallestGap = 1e-12;

/// `numerator` over the gap from the largest logit down to the mean of those at `ranks` of the falling order.
LossValues ratio_to_gap(const LossValues& numerator, const at::Tensor& logits, std::initializer_list<int> ranks) {
  const at::Tensor order = std::get<1>(at::sort(logits, /*stable=*/true, /*dim=*/1, /*descending=*/true));
  const double weight = 1.0 / static_cast<double>(ranks.size());
  at::Tensor gap_by_logits = at::zeros_like(logits).scatter_(1, order.narrow(1, 0, 1), 1.0);
  for (const int rank : ranks)
    gap_by_logits.scatter_add_(1, order.narrow(1, rank, 1),
                               at::full_like(order.narrow(1, rank, 1), -weight, logits.options()));
  const at::Tensor gap = logits.mul(gap_by_logits).sum(1).add_(kSmallestGap);
  const at::Tensor ratio = numerator.loss.div(gap);
  return {ratio, numerator.by_logits.sub(gap_by_logits.mul_(ratio.unsqueeze(1))).div_(gap.unsqueeze(1))};
}

}  // namespace

LossValues attack_loss(AttackLoss kind, const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor column = labels.unsqueeze(1);
  if (kind == AttackLoss::cross_entropy) return cross_entropy(logits, column);
  return kind == AttackLoss::margin ? margin(logits, column) : ratio_to_gap(margin(logits, column), logits, {2});
}

LossValues targeted_dlr(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets) {
  return ratio_to_gap(target_difference(logits, labels, targets), logits, {2, 3});
}

LossValues target_difference(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets) {
  const at::Tensor label = labels.unsqueeze(1), target = targets.unsqueeze(1);
  return {logits.gather(1, target).sub_(logits.gather(1, label)).squeeze(1),
          at::zeros_like(logits).scatter_(1, target, 1.0).scatter_(1, label, -1.0)};
}

at::Tensor strongest_targets(const at::Tensor& logits, const at::Tensor& labels, std::int64_t count) {
  const at::Tensor others = logits.scatter(1, labels.unsqueeze(1), -std::numeric_limits<double>::infinity());
  return std::get<1>(at::sort(others, /*stable=*/true, /*dim=*/1, /*descending=*/true)).narrow(1, 0, count);
}

at::Tensor rival_margin(const at::Tensor& logits, const at::Tensor& labels) {
  return strongest_rivals(logits, labels.unsqueeze(1)).margin;
}

}  // namespace cuebench
