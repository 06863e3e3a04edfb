// Ordinary training: cross entropy on the images as they are.

#include <cuebench/training/method.hpp>

#include "../adversary.hpp"

namespace cuebench {
namespace {

TrainingMethod make(const Parameters&) {
  return {.loss = [](TrainingStep& step) -> StepLoss {
    const NetworkOutputs outputs = step.network.forward(step.images, RunningStatistics::update, step.labels);
    return {mean_joint_loss(outputs, step), outputs.logits};
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
