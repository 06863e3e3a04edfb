// Weights to begin with: every slot filled, with the spread that the definition gives.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <cuebench/networks/architecture.hpp>
#include <cuebench/networks/initial_weights.hpp>

namespace cuebench {
namespace {

double mean_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<float>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const float value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(InitialWeights, FillEverySlotOfTheNetwork) {
  const Network network = build_network("cifar_resnet:depth=20", {3, 32, 32}, 10);
  const Checkpoint checkpoint = initial_weights(network, 1);
  for (const ParameterSlot& slot : parameter_slots(network)) {
    const WeightTensor* const tensor = checkpoint.find(slot.name);
    ASSERT_TRUE(tensor) << slot.name;
    EXPECT_EQ(tensor->shape, slot.shape) << slot.name;
    EXPECT_EQ(tensor->values.size() + tensor->integers.size(), static_cast<std::size_t>(tensor->size())) << slot.name;
  }
  EXPECT_EQ(assemble_network(checkpoint, "cifar_resnet:depth=20", {}, "x").network.parameter_count(),
            network.parameter_count());
}

TEST(InitialWeights, HaveTheSpreadOfTorchvisionsResnets) {
  const Network network = build_network("cifar_resnet:depth=20", {3, 32, 32}, 10);
  const Checkpoint checkpoint = initial_weights(network, 1);
  const auto& convolution = checkpoint.find("stage_3.2.conv_a.weight")->values;  // 64x64x3x3 = 36864 numbers
  const double expected = std::sqrt(2.0 / (64 * 9));
  const auto count = static_cast<double>(convolution.size());
  EXPECT_NEAR(mean_of(convolution), 0, 5 * expected / std::sqrt(count));
  EXPECT_NEAR(deviation_of(convolution), expected, 5 * expected / std::sqrt(2 * count));  // five standard errors
  const auto& linear = checkpoint.find("classifier.weight")->values;  // uniform in +-1/8: deviation 1/8/sqrt(3)
  EXPECT_LE(*std::max_element(linear.begin(), linear.end()), 0.125F);
  EXPECT_GE(*std::min_element(linear.begin(), linear.end()), -0.125F);
  EXPECT_NEAR(deviation_of(linear), 0.125 / std::sqrt(3.0), 0.01);
  EXPECT_EQ(checkpoint.find("bn_1.weight")->values, std::vector<float>(16, 1.0F));
  EXPECT_EQ(checkpoint.find("bn_1.bias")->values, std::vector<float>(16, 0.0F));
  EXPECT_EQ(checkpoint.find("bn_1.running_var")->values, std::vector<float>(16, 1.0F));
  EXPECT_EQ(checkpoint.find("bn_1.num_batches_tracked")->integers, std::vector<std::int64_t>{0});
}

TEST(InitialWeights, FollowSeedAndNameOnly) {
  const Network small = build_network("cifar_resnet:depth=20", {3, 32, 32}, 10);
  const Network deep = build_network("cifar_resnet:depth=32", {3, 32, 32}, 10);
  const std::string name = "stage_1.0.conv_a.weight";
  EXPECT_EQ(initial_weights(small, 1).find(name)->values, initial_weights(deep, 1).find(name)->values);
  EXPECT_NE(initial_weights(small, 1).find(name)->values, initial_weights(small, 2).find(name)->values);
  EXPECT_NE(initial_weights(small, 1).find(name)->values,
            initial_weights(small, 1).find("stage_1.0.conv_b.weight")->values);
}

}  // namespace
}  // namespace cuebench
