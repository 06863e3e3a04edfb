#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "successive_attacks.hpp"

#include <numeric>

#include <ATen/ops/where.h>

#include "attack_loss.hpp"
#include "input_gradient.hpp"
#include "labelled_images.hpp"

namespace cuebench {

SuccessiveAttacks::SuccessiveAttacks(const AttackTarget& target) : target_(target), images_(target.images.clone()) {
  left_.resize(target.labels.size());
  std::iota(left_.begin(), left_.end(), 0);
  clean_logits_ = plain_logits(target.logits, images_);
  margin_ = rival_margin(clean_logits_, index_tensor(target.labels, images_.device()));
  keep_unfooled(margin_);
}

void SuccessiveAttacks::run(const Attack& attack) {
  if (done()) return;
  const AttackTarget part = select_images(target_, left_);
  const at::Tensor offered = attack(part);
  const at::Tensor labels = index_tensor(part.labels, images_.device());
  const at::Tensor margin = rival_margin(plain_logits(target_.logits, offered), labels);
  const at::Tensor rows = index_tensor(left_, images_.device());
  const at::Tensor kept = margin_.index_select(0, rows), closer = margin.gt(kept);
  images_.index_copy_(0, rows, at::where(closer.view({-1, 1, 1, 1}), offered, images_.index_select(0, rows)));
  margin_.index_copy_(0, rows, at::where(closer, margin, kept));
  keep_unfooled(margin_);
}

void SuccessiveAttacks::keep_unfooled(const at::Tensor& margin) {
  const at::Tensor fooled = margin.ge(0).to(at::kCPU);
  std::erase_if(left_, [&](std::int64_t row) { return fooled[row].item<bool>(); });
}

}  // namespace cuebench
