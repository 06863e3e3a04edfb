#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "validation.hpp"

#include <algorithm>
#include <numeric>

#include <ATen/core/grad_mode.h>

#include <cuebench/core/interrupt.hpp>

#include "adversary.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kBatch = 128;
constexpr int kCheckSteps = 5;
constexpr double kCheckReach = 0.25;  // alpha / epsilon: 2/255 for 8/255
constexpr std::uint64_t kNoiseSeed = 20;

Batch on_device(Batch batch, const at::Device& device) {
  return {batch.images.to(device), batch.labels.to(device)};
}

std::vector<std::size_t> spread_evenly(std::size_t available, std::size_t wanted) {
  std::vector<std::size_t> chosen(std::min(available, wanted));
  for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = i * available / chosen.size();
  return chosen;
}

/// Share of right answers over batches of the chosen images; `prepare` may move them.
template <typename Prepare>
double accuracy(const FrozenNetwork& network, const ImageSet& images, const std::vector<std::size_t>& chosen,
                const at::Device& device, const Prepare& prepare) {
  std::int64_t correct = 0;
  for (std::size_t begin = 0; begin < chosen.size(); begin += kBatch) {
    if (interrupt_requested()) throw Interrupted("stopped during validation");
    const std::size_t end = std::min(begin + kBatch, chosen.size());
    const Batch batch = on_device(plain_batch(images, {chosen.begin() + begin, chosen.begin() + end}), device);
    const at::Tensor moved = prepare(batch, begin);
    const at::NoGradGuard no_recording;
    correct += count_correct(network(moved).logits, batch.labels);
  }
  return static_cast<double>(correct) / static_cast<double>(chosen.size());
}

at::Tensor attack(const FrozenNetwork& network, const Batch& batch, const ThreatModel& threat, double alpha, int steps,
                  std::uint64_t seed) {
  return maximise(threat, alpha, steps, random_start(threat, batch.images, seed), batch.images,
                  [&](const at::Tensor& images) { return summed_cross_entropy(network(images).logits, batch.labels); });
}

}  // namespace

std::int64_t count_correct(const at::Tensor& logits, const at::Tensor& labels) {
  return logits.detach().argmax(1).eq(labels).sum().item<std::int64_t>();
}

double clean_accuracy(const FrozenNetwork& network, const ImageSet& images, const at::Device& device) {
  return accuracy(network, images, spread_evenly(images.size(), images.size()), device,
                  [](const Batch& batch, std::size_t) { return batch.images; });
}

double robust_accuracy(const FrozenNetwork& network, const ImageSet& images, const RobustCheck& check,
                       const at::Device& device) {
  const auto chosen = spread_evenly(images.size(), static_cast<std::size_t>(check.images));
  return accuracy(network, images, chosen, device, [&](const Batch& batch, std::size_t begin) {
    return attack(network, batch, check.threat, usual_alpha(check.threat, check.steps), check.steps,
                  kNoiseSeed + begin);
  });
}

double overfitting_check_accuracy(const FrozenNetwork& network, const Batch& batch, const ThreatModel& threat,
                                  std::uint64_t seed) {
  const at::Tensor moved = attack(network, batch, threat, kCheckReach * threat.epsilon, kCheckSteps, seed);
  const at::NoGradGuard no_recording;
  return static_cast<double>(count_correct(network(moved).logits, batch.labels)) /
         static_cast<double>(batch.labels.size(0));
}

}  // namespace cuebench
