// Attacks on another device than the CPU: the same images, since random numbers are drawn on the host.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS

#include <algorithm>

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/attacks/reliability.hpp>
#include <cuebench/models/model.hpp>

#include "classifiers.hpp"
#include "gpu.hpp"
#include "second_device.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

constexpr std::size_t kClasses = 5;
const std::vector<std::int64_t> kLabels{0, 1, -1, 3, 4, 2};

const char* const kAttacks[] = {
    "fgsm:epsilon=8/255",
    "fgsm:epsilon=8/255,random_start=yes",
    "pgd:epsilon=8/255,steps=5,random_start=yes,restarts=2,keep=best_loss",
    "pgd:epsilon=8/255,steps=5,keep=first_success,loss=margin",
    "pgd:norm=l2,epsilon=0.5,steps=5,random_start=yes",
    "apgd:epsilon=8/255,steps=12,restarts=2",
    "apgd:epsilon=8/255,steps=12,loss=dlr",
    "apgd:norm=l2,epsilon=0.5,steps=12,loss=dlr_targeted,n_targets=3",
    "fab:epsilon=24/255,steps=6,n_targets=3,restarts=2",
    "fab:norm=l2,epsilon=1,steps=6,n_targets=3",
    "square:epsilon=8/255,queries=30",
    "square:norm=l2,epsilon=1,queries=30,restarts=2",
    "autoattack:epsilon=8/255,steps=6,n_targets=3,queries=20",
};

/// The classifier's own work stays on the CPU, so that what differs is the attack's.
AttackTarget on(const at::Device& device, const AttackTarget& target) {
  AttackTarget moved = target;
  moved.images = target.images.to(device);
  moved.logits = [logits = target.logits, device](const at::Tensor& images) {
    EXPECT_EQ(images.device(), device);
    return logits(images.to(at::kCPU)).to(device);
  };
  return moved;
}

AttackTarget small_target() {
  return make_target(make_classifier("net_gap", random_weights(7, kClasses), at::kDouble),
                     random_images(7, static_cast<std::int64_t>(kLabels.size()), at::kDouble, 8), kLabels);
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.to(at::kCPU).sub(b.to(at::kCPU)).abs().max().item<double>();
}

/// In double, what rounds otherwise changes no decision of a search this short.
void expect_the_same_images(const at::Device& device) {
  const AttackTarget here = small_target(), there = on(device, here);
  for (const char* const text : kAttacks) {
    SCOPED_TRACE(text);
    const at::Tensor images = resolve_attack(text).apply(there);
    EXPECT_EQ(images.device(), device);
    EXPECT_LT(largest_difference(images, resolve_attack(text).apply(here)), 1e-6);
  }
}

Model shipped(const at::Device& device) {
  const ModelSpec spec = parse_model_spec("shipped=" CUEBENCH_SOURCE_DIR "/weights/cifar10-standard/model.safetensors");
  return Model::load(spec, {}, {3, 32, 32}, ExecutionWay::plain, {device, Precision::fp32});
}

AttackTarget target_on(const Model& model, const at::Tensor& images, std::string_view variant) {
  const auto logits = [&model](const at::Tensor& batch) { return model.differentiable_logits(batch); };
  std::vector<std::int64_t> labels;
  const at::Tensor decisions = model.differentiable_logits(images).argmax(1).to(at::kCPU);
  for (std::int64_t i = 0; i < images.size(0); ++i) labels.push_back(decisions[i].item<std::int64_t>());
  return make_target(logits, to_device(images, model.placement().device), labels, variant);
}

double mean_loss(const AttackTarget& target, const at::Tensor& images) {
  const std::vector<double> losses = cross_entropies(target, images);
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum / static_cast<double>(losses.size());
}

/// A sign of the gradient flips where the gradient is of the size of its rounding, and later steps follow; what an
/// attack reaches does not depend on it.
void expect_equal_strength(const at::Device& device) {
  const Model here = shipped(at::kCPU), there = shipped(device);
  const at::Tensor images = random_images(3, 8, at::kFloat, 32);
  const AttackTarget one = target_on(here, images, "v");
  for (const char* const text : {"fgsm:epsilon=4/255", "pgd:epsilon=4/255,steps=7,random_start=yes",
                                 "apgd:epsilon=4/255,steps=15", "square:epsilon=4/255,queries=40"}) {
    SCOPED_TRACE(text);
    AttackTarget other = target_on(there, images, "v");
    other.labels = one.labels;
    const double expected = mean_loss(one, resolve_attack(text).apply(one));
    const double found = mean_loss(one, resolve_attack(text).apply(other).to(at::kCPU));
    EXPECT_NEAR(found, expected, 0.02 * expected);
  }
  AttackTarget other = target_on(there, images, "v");
  const at::Tensor fast = resolve_attack("fgsm:epsilon=4/255").apply(other).to(at::kCPU);
  const at::Tensor differs = fast.sub(resolve_attack("fgsm:epsilon=4/255").apply(one)).abs().gt(1e-6);
  EXPECT_LT(differs.to(at::kDouble).mean().item<double>(), 0.01);
}

TEST(AttackDevices, ASecondDeviceGivesTheSameImages) {
  expect_the_same_images(second_device());
}

TEST(AttackDevices, AModelOnASecondDeviceIsFooledAsMuch) {
  expect_equal_strength(second_device());
}

TEST(AttackDevices, SignsOfUnreliableFiguresAreSeenOnASecondDevice) {
  const AttackTarget here = small_target();
  EXPECT_EQ(reliability_warnings("net", on(second_device(), here), true), reliability_warnings("net", here, true));
  EXPECT_EQ(why_not_attackable(on(second_device(), here).logits, here.images.to(second_device())), "");
}

TEST(AttackDevicesCuda, AGpuGivesTheSameImages) {
  CUEBENCH_REQUIRE_GPU(device);
  expect_the_same_images(device);
}

TEST(AttackDevicesCuda, AModelOnAGpuIsFooledAsMuch) {
  CUEBENCH_REQUIRE_GPU(device);
  expect_equal_strength(device);
}

}  // namespace
}  // namespace cuebench::test
