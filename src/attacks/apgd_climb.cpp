#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "apgd_climb.hpp"

#include <algorithm>

#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

namespace cuebench {
namespace {

/// Weight of the new step against the momentum of the last one.
constexpr double kNewStep = 0.75;

at::Tensor over_images(const at::Tensor& per_image) {
  return per_image.view({-1, 1, 1, 1});
}

class Climb {
 public:
  Climb(const ApgdOptions& options, const DifferentiableClassifier& logits, const at::Tensor& images,
        const at::Tensor& labels, const LossOfLogits& loss)
      : options_(options),
        logits_(logits),
        labels_(labels),
        loss_(loss),
        ball_(options.norm, options.epsilon, images),
        step_size_(at::full({images.size(0), 1, 1, 1}, 2 * options.epsilon, images.options())) {}

  ApgdClimb run(const at::Tensor& start) {
    begin(start);
    const std::vector<int> checkpoints = apgd_checkpoints(options_.steps);
    auto checkpoint = checkpoints.begin();
    for (int step = 0; step < options_.steps; ++step) {
      if (options_.stop_when_fooled && fooled_.all().item<bool>()) break;
      move(step);
      look();
      if (checkpoint == checkpoints.end() || step + 1 != *checkpoint) continue;
      settle_step_size(*checkpoint - (checkpoint == checkpoints.begin() ? 0 : *(checkpoint - 1)));
      ++checkpoint;
    }
    return {highest_, highest_loss_, first_fooled_, fooled_, step_size_};
  }

 private:
  void begin(const at::Tensor& start) {
    points_ = previous_ = start;
    const InputGradient here = input_gradient(logits_, points_, loss_);
    gradient_ = highest_gradient_ = here.gradient;
    last_loss_ = highest_loss_ = loss_at_checkpoint_ = here.loss;
    highest_ = first_fooled_ = points_;
    fooled_ = rival_margin(here.logits, labels_).ge(0);
    rises_ = at::zeros_like(here.loss);
    halved_ = at::ones_like(fooled_);
  }

  void move(int step) {
    const at::Tensor ahead = ball_.project(steepest_direction(options_.norm, gradient_).mul_(step_size_).add_(points_));
    const double weight = step == 0 ? 1 : kNewStep;
    at::Tensor next = ahead.sub(points_).mul_(weight).add_(points_);
    next.add_(points_.sub(previous_), 1 - weight);
    previous_ = points_;
    points_ = ball_.project(next);
  }

  void look() {
    const InputGradient here = input_gradient(logits_, points_, loss_);
    gradient_ = here.gradient;
    rises_ = rises_.add(here.loss.gt(last_loss_));
    last_loss_ = here.loss;
    const at::Tensor newly = rival_margin(here.logits, labels_).ge(0).logical_and(fooled_.logical_not());
    first_fooled_ = at::where(over_images(newly), points_, first_fooled_);
    fooled_ = fooled_.logical_or(newly);
    const at::Tensor higher = here.loss.gt(highest_loss_);
    highest_ = at::where(over_images(higher), points_, highest_);
    highest_gradient_ = at::where(over_images(higher), gradient_, highest_gradient_);
    highest_loss_ = at::where(higher, here.loss, highest_loss_);
  }

  /// Halves the step where too few steps raised the loss, or where neither the step nor the best loss changed since the
  /// last checkpoint; such images go on from their best point.
  void settle_step_size(int window) {
    const at::Tensor oscillates = rises_.le(options_.rho * window);
    const at::Tensor stands = halved_.logical_not().logical_and(highest_loss_.le(loss_at_checkpoint_));
    halved_ = oscillates.logical_or(stands);
    const at::Tensor halved = over_images(halved_);
    step_size_ = at::where(halved, step_size_.mul(0.5), step_size_);
    points_ = at::where(halved, highest_, points_);
    gradient_ = at::where(halved, highest_gradient_, gradient_);
    loss_at_checkpoint_ = highest_loss_;
    rises_ = at::zeros_like(rises_);
  }

  const ApgdOptions& options_;
  const DifferentiableClassifier& logits_;
  const at::Tensor& labels_;
  const LossOfLogits& loss_;
  PerturbationBall ball_;
  at::Tensor points_, previous_, gradient_;
  at::Tensor last_loss_, rises_;  ///< of the last step, and how many of the window raised it
  at::Tensor highest_, highest_loss_, highest_gradient_, first_fooled_, fooled_;
  at::Tensor step_size_, halved_, loss_at_checkpoint_;
};

}  // namespace

std::vector<int> apgd_checkpoints(int steps) {
  const auto share = [&](double of_all) { return std::max(1, static_cast<int>(of_all * steps)); };
  std::vector<int> checkpoints;
  int window = share(0.22);
  for (int step = window; step <= steps; step += window) {
    checkpoints.push_back(step);
    window = std::max(window - share(0.03), share(0.06));
  }
  return checkpoints;
}

ApgdClimb apgd_climb(const ApgdOptions& options, const DifferentiableClassifier& logits, const at::Tensor& images,
                     const at::Tensor& labels, const at::Tensor& start, const LossOfLogits& loss) {
  return Climb(options, logits, images, labels, loss).run(start);
}

}  // namespace cuebench
