#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <cuebench/attacks/reliability.hpp>

#include "input_gradient.hpp"
#include "labelled_images.hpp"

namespace cuebench {
namespace {

constexpr int kCalls = 5;
constexpr double kCallDifference = 1e-4;  ///< between logits scaled to length 1
constexpr double kProbability = 1e-5;

at::Tensor unit_rows(const at::Tensor& logits) {
  return logits.div(logits.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12));
}

bool calls_differ(const AttackTarget& target, const at::Tensor& first) {
  for (int call = 1; call < kCalls; ++call) {
    const at::Tensor again = plain_logits(target.logits, target.images);
    if (!again.argmax(1).equal(first.argmax(1))) return true;
    if (unit_rows(again).sub(unit_rows(first)).norm(2, {1}).max().item<double>() > kCallDifference) return true;
  }
  return false;
}

bool are_probabilities(const at::Tensor& logits) {
  return logits.max().item<double>() < 1 + kProbability && logits.min().item<double>() > -kProbability &&
         logits.sum(1).sub(1).abs().max().item<double>() < kProbability;
}

/// Among the images that are classified right: elsewhere dlr may be constant.
struct WithoutGradient {
  std::int64_t count, of;
};

WithoutGradient images_without_gradient(const AttackTarget& target, const at::Tensor& logits) {
  const at::Tensor labels = index_tensor(target.labels, target.images.device());
  const at::Tensor right = rival_margin(logits, labels).lt(0);
  const AttackLoss loss = logits.size(1) < 3 ? AttackLoss::margin : AttackLoss::dlr;
  const at::Tensor gradient = input_gradient(target.logits, target.images, labels, loss).gradient;
  const at::Tensor none = gradient.flatten(1).abs().sum(1).eq(0).logical_and(right);
  return {none.sum().item<std::int64_t>(), right.sum().item<std::int64_t>()};
}

}  // namespace

std::vector<std::string> reliability_warnings(const std::string& name, const AttackTarget& target, bool gradient) {
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(false);
  std::vector<std::string> warnings;
  attack_labelled_images(target, [&](const AttackTarget& labelled) {
    const at::Tensor logits = plain_logits(labelled.logits, labelled.images);
    if (calls_differ(labelled, logits))
      warnings.push_back(
          fmt::format("model '{}': its logits differ between equal calls, and attacks that see one draw "
                      "of them understate what fools it: average over draws inside the model",
                      name));
    if (are_probabilities(logits))
      warnings.push_back(
          fmt::format("model '{}': its outputs look like probabilities, whose gradients vanish where it "
                      "is sure: export it without the final softmax",
                      name));
    if (!gradient) return labelled.images;
    if (const WithoutGradient without = images_without_gradient(labelled, logits); without.count > 0)
      warnings.push_back(
          fmt::format("model '{}': of {} images looked at and classified right {} have a gradient of zero, which hides "
                      "them from attacks by gradient: add square",
                      name, without.of, without.count));
    return labelled.images;
  });
  return warnings;
}

}  // namespace cuebench
