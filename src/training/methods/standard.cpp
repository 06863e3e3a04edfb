// Ordinary training: cross entropy on the images as they are.

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"

namespace cuebench {
namespace {

TrainingMethod make(const Parameters&) {
  return {.loss = [](TrainingStep& step) -> StepLoss {
    const at::Tensor logits = step.network.forward(step.images, RunningStatistics::update);
    return {mean_cross_entropy(logits, step.labels, step.label_smoothing), logits};
  }};
}

}  // namespace

extern const TrainingMethodInfo standard_training_method{"standard",
                                                         "cross entropy on the images as they are",
                                                         "loss = mean CE(z(x), y)",
                                                         "ordinary empirical risk minimisation",
                                                         {},
                                                         &make};

}  // namespace cuebench
