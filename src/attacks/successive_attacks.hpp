#pragma once
// Attacks one after another, each on the images that the model still classifies right: restarts, targets, ensembles.

#include <cuebench/attacks/attack.hpp>

namespace cuebench {

class SuccessiveAttacks {
 public:
  /// Every image of `target` has a label. What is classified wrong as it stands is done. `target` must outlive this.
  explicit SuccessiveAttacks(const AttackTarget& target);

  /// Runs `attack` on the images that are left and asks the model about its results: a fooled image is done. Where none
  /// is fooled, the point where the label leads least is kept, of equal ones the earliest.
  void run(const Attack& attack);

  bool done() const { return left_.empty(); }
  /// Logits of the given images, for choosing targets; rows are those of the target.
  const at::Tensor& clean_logits() const { return clean_logits_; }
  const at::Tensor& images() const { return images_; }

  /// Rows that are left, in order.
  const std::vector<std::int64_t>& left() const { return left_; }

 private:
  void keep_unfooled(const at::Tensor& margin);

  const AttackTarget& target_;
  at::Tensor images_, clean_logits_;
  at::Tensor margin_;  ///< [N] of images_
  std::vector<std::int64_t> left_;
};

}  // namespace cuebench
