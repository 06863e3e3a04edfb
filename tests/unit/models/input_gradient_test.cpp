// Gradients of the logits by the images: the fastest way against autograd on dense tensors.

#include <thread>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/mul.h>
#include <gtest/gtest.h>

#include <cuebench/models/model.hpp>

#include "naive_network.hpp"
#include "nodes.hpp"
#include "tensors.hpp"

namespace cuebench::test {
namespace {

// Sums of a few hundred float32 products, in another order.
constexpr double kTolerance = 1e-5;

Model load(const AssembledNetwork& assembled, ExecutionWay way) {
  ModelSpec spec;
  spec.name = "net";
  return Model::from_network(assembled, spec, {}, {}, way);
}

/// d(sum of logits * weights) / d(images), weights different for every logit.
std::vector<float> input_gradient(const Model& model, const at::Tensor& images) {
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const at::Tensor logits = model.differentiable_logits(leaf);
  logits.mul(noise_images(3, logits.sizes().vec())).sum().backward();
  return values_of(leaf.grad());
}

void expect_equal_gradients(const std::vector<Node>& nodes, const NodeShape& size) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const AssembledNetwork assembled = assemble(nodes, size, seed);
    const at::Tensor images = noise_images(seed, {3, size[0], size[1], size[2]});
    const auto expected = input_gradient(load(assembled, ExecutionWay::plain), images);
    for (const ExecutionWay way : native_ways()) {
      const Model model = load(assembled, way);
      EXPECT_LE(relative_difference(input_gradient(model, images), expected), kTolerance)
          << model.info().way << " seed " << seed;
      // Once more through the same memory, and for another number of images.
      EXPECT_EQ(input_gradient(model, images), input_gradient(model, images)) << model.info().way;
      EXPECT_EQ(input_gradient(model, images.slice(0, 0, 1)).size(), expected.size() / 3);
    }
  }
}

int last(const std::vector<Node>& nodes) {
  return static_cast<int>(nodes.size()) - 1;
}

/// Adds what turns a map into logits.
std::vector<Node> with_head(std::vector<Node> nodes) {
  nodes.push_back(plain_node(Operation::global_average_pool, {last(nodes)}, "mean"));
  nodes.push_back(linear_node(last(nodes), "fc", 4));
  return nodes;
}

TEST(InputGradient, ResidualBlocksWithEveryKindOfShortcut) {
  expect_equal_gradients(
      with_head({plain_node(Operation::input, {}), convolution_node(0, "stem", 8, 3, 1, 1),
                 plain_node(Operation::relu, {1}, "relu1"),
                 // identity
                 convolution_node(2, "a1", 8, 3, 1, 1), batch_norm_node(3, "a1n"),
                 plain_node(Operation::relu, {4}, "a1r"), convolution_node(5, "a2", 8, 3, 1, 1),
                 plain_node(Operation::add, {6, 2}, "a"), plain_node(Operation::relu, {7}, "ar"),
                 // projection
                 convolution_node(8, "b1", 16, 3, 2, 1), convolution_node(8, "b0", 16, 1, 2, 0),
                 plain_node(Operation::add, {9, 10}, "b"), plain_node(Operation::relu6, {11}, "br"),
                 // option A
                 convolution_node(12, "c1", 24, 3, 2, 1), shortcut_node(12, 2, 4, 4, "c0"),
                 plain_node(Operation::add, {13, 14}, "c"), plain_node(Operation::relu, {15}, "cr")}),
      {3, 12, 11});
}

TEST(InputGradient, PreActivationAndSumsWithoutConvolutions) {
  expect_equal_gradients(
      with_head({plain_node(Operation::input, {}), convolution_node(0, "stem", 12, 3, 1, 1), batch_norm_node(1, "n1"),
                 plain_node(Operation::relu, {2}, "r1"), convolution_node(3, "c1", 12, 3, 1, 1),
                 plain_node(Operation::add, {4, 1}, "sum"), batch_norm_node(5, "n2"),
                 plain_node(Operation::add, {6, 5}, "more"), plain_node(Operation::relu, {7}, "r2"),
                 plain_node(Operation::add, {8, 3}, "last")}),
      {3, 9, 8});
}

TEST(InputGradient, PoolsAndConcatenation) {
  for (const Operation pool : {Operation::max_pool, Operation::average_pool})
    for (const bool ceil_mode : {false, true})
      for (const std::int64_t channels : {8, 5}) {
        SCOPED_TRACE(std::string(to_string(pool)) + (ceil_mode ? " ceil " : " floor ") + std::to_string(channels));
        Node join = plain_node(Operation::concatenate, {3, 4}, "join");
        expect_equal_gradients(
            with_head({plain_node(Operation::input, {}), convolution_node(0, "stem", 8, 3, 1, 1),
                       plain_node(Operation::relu, {1}, "r1"), convolution_node(2, "left", channels, 3, 1, 1),
                       convolution_node(2, "right", 16, 1, 1, 0), join, pool_node(pool, 5, 3, 2, 1, ceil_mode, "pool"),
                       convolution_node(6, "after", 8, 3, 1, 1, 1)}),
            {3, 10, 13});
      }
}

TEST(InputGradient, DepthwiseConvolutionsAndAFlattenedHead) {
  std::vector<Node> nodes{plain_node(Operation::input, {}),        convolution_node(0, "stem", 16, 3, 2, 1),
                          plain_node(Operation::relu6, {1}, "r1"), convolution_node(2, "depthwise", 16, 3, 1, 1, 16),
                          plain_node(Operation::relu6, {3}, "r2"), convolution_node(4, "narrow", 6, 1, 1, 0),
                          plain_node(Operation::flatten, {5}),     linear_node(6, "fc1", 9),
                          plain_node(Operation::relu, {7}, "r3"),  linear_node(8, "fc2", 3)};
  expect_equal_gradients(nodes, {3, 9, 9});
}

TEST(InputGradient, TwoGraphsAtOnceDoNotShareMemory) {
  const AssembledNetwork assembled =
      assemble(with_head({plain_node(Operation::input, {}), convolution_node(0, "stem", 8, 3, 1, 1),
                          plain_node(Operation::relu, {1}, "r")}),
               {3, 8, 8}, 5);
  const Model model = load(assembled, ExecutionWay::automatic);
  const at::Tensor one = noise_images(1, {2, 3, 8, 8}), two = noise_images(2, {2, 3, 8, 8});
  const auto expected = input_gradient(model, one);
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = one.detach().requires_grad_(true);
  const at::Tensor logits = model.differentiable_logits(leaf);
  input_gradient(model, two);
  model.infer(two);
  std::thread([&] { input_gradient(model, two); }).join();
  logits.mul(noise_images(3, logits.sizes().vec())).sum().backward();
  EXPECT_EQ(values_of(leaf.grad()), expected);
}

}  // namespace
}  // namespace cuebench::test
