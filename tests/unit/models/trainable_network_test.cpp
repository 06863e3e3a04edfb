// A network in training: its snapshot, its state, and where gradients go. Numbers of training steps are compared with
// PyTorch in tests/unit/training.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/models/trainable_network.hpp>

#include "naive_network.hpp"
#include "nodes.hpp"
#include "tensors.hpp"

namespace cuebench::test {
namespace {

// Float32 with folded normalisation on one side and in double or another order on the other.
constexpr double kTolerance = 2e-5;

Sidecar normalisation() {
  Sidecar sidecar;
  sidecar.mean = {0.4, 0.5, 0.6};
  sidecar.std = {0.2, 0.25, 0.3};
  return sidecar;
}

/// A residual block with a shortcut that convolutions read too, a batch norm that cannot be folded, and a max pool.
AssembledNetwork assembled() {
  return assemble(
      {plain_node(Operation::input, {}), convolution_node(0, "conv1", 8, 3, 1, 1, 1, false), batch_norm_node(1, "bn1"),
       plain_node(Operation::relu, {2}), pool_node(Operation::max_pool, 3, 2, 2, 0, false),
       convolution_node(4, "conv2", 8, 3, 1, 1, 1, true), plain_node(Operation::add, {5, 4}), batch_norm_node(6, "bn2"),
       plain_node(Operation::relu, {7}), shortcut_node(8, 2, 2, 2), plain_node(Operation::global_average_pool, {9}),
       linear_node(10, "fc", 5)},
      {3, 8, 8}, 3);
}

at::Tensor images(std::uint64_t seed = 5) {
  return noise_images(seed, {6, 3, 8, 8});
}

TEST(TrainableNetwork, FrozenGivesTheLogitsOfTheModel) {
  prepare_libtorch();
  const AssembledNetwork network = assembled();
  ModelSpec spec;
  spec.name = "net";
  spec.sidecar = normalisation();
  const Model model = Model::from_network(network, spec, {});
  const TrainableNetwork trainable(network, normalisation(), at::kCPU);
  const std::vector<float> logits = values_of(trainable.freeze()(images()).logits);
  EXPECT_LE(relative_difference(logits, model.infer(images()).logits), kTolerance);
}

TEST(TrainableNetwork, ASnapshotStaysAsItWas) {
  prepare_libtorch();
  TrainableNetwork network(assembled(), normalisation(), at::kCPU);
  const FrozenNetwork frozen = network.freeze();
  const std::vector<float> before = values_of(frozen(images()).logits);
  {
    const at::NoGradGuard no_recording;
    for (TrainableTensor& tensor : network.tensors()) tensor.value.add_(0.5);
  }
  EXPECT_EQ(values_of(frozen(images()).logits), before);
  EXPECT_NE(values_of(network.freeze()(images()).logits), before);
}

TEST(TrainableNetwork, ASnapshotDifferentiatesToImagesAsTheModelDoes) {
  prepare_libtorch();
  const AssembledNetwork network = assembled();
  ModelSpec spec;
  spec.name = "net";
  const Model model = Model::from_network(network, spec, {});
  TrainableNetwork trainable(network, {}, at::kCPU);
  const auto gradient = [](const auto& logits_of) {
    const at::Tensor leaf = images().requires_grad_(true);
    const at::Tensor logits = logits_of(leaf);
    (logits * logits).sum().backward();
    return values_of(leaf.grad());
  };
  const FrozenNetwork frozen = trainable.freeze();
  const auto by_snapshot = gradient([&](const at::Tensor& x) { return frozen(x).logits; });
  const auto by_model = gradient([&](const at::Tensor& x) { return model.differentiable_logits(x); });
  EXPECT_LE(relative_difference(by_snapshot, by_model), kTolerance);
  for (const TrainableTensor& tensor : trainable.tensors()) EXPECT_FALSE(tensor.value.grad().defined()) << tensor.name;
}

TEST(TrainableNetwork, TrainingModeReachesEveryWeightAndMovesStatisticsOnlyWhenAsked) {
  prepare_libtorch();
  TrainableNetwork network(assembled(), normalisation(), at::kCPU);
  const auto start = network.state_dict();
  const at::Tensor kept = network.forward(images(), RunningStatistics::keep).logits;
  EXPECT_EQ(network.state_dict().back().second.integers, start.back().second.integers);
  const at::Tensor logits = network.forward(images(), RunningStatistics::update).logits;
  EXPECT_EQ(values_of(kept), values_of(logits));
  logits.sum().backward();
  for (const TrainableTensor& tensor : network.tensors())
    EXPECT_EQ(tensor.value.grad().defined(), tensor.trained) << tensor.name;
  const auto after = network.state_dict();
  for (std::size_t i = 0; i < start.size(); ++i) {
    const std::string& name = start[i].first;
    const bool statistic = name.find("running") != std::string::npos;
    EXPECT_EQ(start[i].second.values != after[i].second.values, statistic) << name;
    if (name.find("num_batches") != std::string::npos) {
      EXPECT_EQ(after[i].second.integers[0], start[i].second.integers[0] + 1);
    }
  }
}

TEST(TrainableNetwork, AStateComesBackToTheBit) {
  prepare_libtorch();
  TrainableNetwork network(assembled(), normalisation(), at::kCPU);
  network.forward(images(), RunningStatistics::update);
  const auto state = network.state_dict();
  TrainableNetwork other(assembled(), normalisation(), at::kCPU);
  other.load(state);
  EXPECT_EQ(values_of(other.forward(images(7), RunningStatistics::update).logits),
            values_of(network.forward(images(7), RunningStatistics::update).logits));
  const auto a = network.state_dict(), b = other.state_dict();
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].second.values, b[i].second.values) << a[i].first;
    EXPECT_EQ(a[i].second.integers, b[i].second.integers) << a[i].first;
  }
  EXPECT_THROW(other.load(std::span(state).first(1)), UsageError);
}

TEST(TrainableNetwork, ValuesOfAnotherStateReplaceItsOwn) {
  prepare_libtorch();
  TrainableNetwork network(assembled(), {}, at::kCPU);
  std::vector<at::Tensor> halves;
  for (const TrainableTensor& tensor : network.tensors()) halves.push_back(tensor.value.detach() * 0.5);
  const std::vector<float> by_values = values_of(network.freeze(halves)(images()).logits);
  const auto state = network.state_dict(halves);
  network.load(state);
  EXPECT_EQ(values_of(network.freeze()(images()).logits), by_values);
}

}  // namespace
}  // namespace cuebench::test
