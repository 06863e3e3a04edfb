// Both ways of running a network against plain loops in double.

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

#include "naive_network.hpp"
#include "nodes.hpp"
#include "tensors.hpp"

namespace cuebench::test {
namespace {

// Sums of at most a few hundred float32 products of order 1, in another order than the oracle's doubles.
constexpr double kTolerance = 2e-5;

ModelSpec spec_named(const std::string& name) {
  ModelSpec spec;
  spec.name = name;
  return spec;
}

struct NaiveResult {
  std::vector<double> logits;
  std::vector<std::vector<double>> means;  // per tap, [N, C]
};

NaiveResult naive_result(const AssembledNetwork& assembled, const std::vector<float>& images, std::int64_t count,
                         const std::vector<std::string>& taps) {
  NaiveResult result;
  result.means.resize(taps.size());
  const std::size_t size = images.size() / count;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::vector<double> image(images.begin() + i * size, images.begin() + (i + 1) * size);
    const auto values = run_naively(assembled, image);
    result.logits.insert(result.logits.end(), values.back().begin(), values.back().end());
    for (std::size_t t = 0; t < taps.size(); ++t) {
      const int node = assembled.network.find(taps[t]);
      const std::int64_t channels = assembled.network.nodes[node].shape[0];
      const std::size_t positions = values[node].size() / channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (std::size_t k = 0; k < positions; ++k) sum += values[node][c * positions + k];
        result.means[t].push_back(sum / static_cast<double>(positions));
      }
    }
  }
  return result;
}

void expect_as_naive(const AssembledNetwork& assembled, const std::vector<std::string>& taps) {
  const NodeShape& size = assembled.network.nodes[0].shape;
  const at::Tensor images = noise_images(5, {3, size[0], size[1], size[2]});
  const NaiveResult expected = naive_result(assembled, values_of(images), 3, taps);
  for (const ExecutionWay way : native_ways()) {
    const Model model = Model::from_network(assembled, spec_named("net"), taps, {}, way);
    const Inference inference = model.infer(images);
    EXPECT_LE(relative_difference(inference.logits, expected.logits), kTolerance) << model.info().way;
    ASSERT_EQ(inference.taps.size(), taps.size());
    for (std::size_t t = 0; t < taps.size(); ++t)
      EXPECT_LE(relative_difference(inference.taps[t].values, expected.means[t]), kTolerance)
          << taps[t] << " " << model.info().way;
  }
}

std::vector<Node> residual_nodes() {
  return {plain_node(Operation::input, {}),
          convolution_node(0, "conv1", 8, 3, 1, 1, 1, false),
          batch_norm_node(1, "bn1"),
          plain_node(Operation::relu, {2}, "relu1"),
          convolution_node(3, "conv2", 16, 3, 2, 1, 1, false),
          batch_norm_node(4, "bn2"),
          shortcut_node(3, 2, 3, 5, "shortcut"),
          plain_node(Operation::add, {5, 6}, "sum"),
          plain_node(Operation::relu, {7}, "block"),
          plain_node(Operation::global_average_pool, {8}, "pool"),
          linear_node(9, "fc", 5)};
}

TEST(Execution, ResidualBlockWithOptionAShortcutAgreesWithPlainLoops) {
  expect_as_naive(assemble(residual_nodes(), {3, 12, 10}, 1), {"block"});
}

TEST(Execution, TapsBeforeAndAfterEveryFoldableNodeHoldWhatPyTorchHooksWouldSee) {
  expect_as_naive(assemble(residual_nodes(), {3, 12, 10}, 2),
                  {"conv1", "bn1", "relu1", "conv2", "bn2", "shortcut", "sum", "block", "pool", "fc"});
}

TEST(Execution, PreActivationBlockKeepsItsUnfoldableBatchNorm) {
  const std::vector<Node> nodes{plain_node(Operation::input, {}),
                                convolution_node(0, "stem", 8, 3, 1, 1),
                                batch_norm_node(1, "bn1"),
                                plain_node(Operation::relu, {2}, "relu1"),
                                convolution_node(3, "conv1", 8, 3, 1, 1, 2),
                                plain_node(Operation::add, {4, 1}, "sum"),
                                batch_norm_node(5, "bn2"),
                                plain_node(Operation::relu, {6}, "relu2"),
                                plain_node(Operation::flatten, {7}),
                                linear_node(8, "fc1", 12),
                                plain_node(Operation::relu, {9}, "relu3"),
                                linear_node(10, "fc2", 3)};
  expect_as_naive(assemble(nodes, {3, 7, 9}, 3), {"stem", "sum", "bn2", "relu2", "relu3"});
}

TEST(Execution, PoolsAgreeWithPlainLoopsIncludingCeilModeAndPadding) {
  for (const Operation operation : {Operation::max_pool, Operation::average_pool})
    for (const bool ceil_mode : {false, true}) {
      const std::vector<Node> nodes{plain_node(Operation::input, {}),
                                    convolution_node(0, "conv", 8, 3, 1, 1),
                                    plain_node(Operation::relu, {1}, "relu"),
                                    pool_node(operation, 2, 3, 2, 1, ceil_mode, "pool"),
                                    plain_node(Operation::global_average_pool, {3}),
                                    linear_node(4, "fc", 4)};
      SCOPED_TRACE(std::string(to_string(operation)) + (ceil_mode ? " ceil" : " floor"));
      expect_as_naive(assemble(nodes, {3, 8, 11}, 4), {"relu", "pool"});
    }
}

RC_GTEST_PROP(Execution, RandomConvolutionStacksAgreeWithPlainLoopsOnEveryWay, ()) {
  const std::int64_t height = *rc::gen::inRange<std::int64_t>(5, 12), width = *rc::gen::inRange<std::int64_t>(5, 12);
  const std::int64_t groups = *rc::gen::element<std::int64_t>(1, 2, 4);
  std::vector<Node> nodes{plain_node(Operation::input, {})};
  std::vector<std::string> taps;
  const int layers = *rc::gen::inRange(1, 4);
  for (int layer = 0; layer < layers; ++layer) {
    const std::string number = std::to_string(layer);
    const std::int64_t kernel = *rc::gen::element<std::int64_t>(1, 3, 5);
    nodes.push_back(convolution_node(
        static_cast<int>(nodes.size()) - 1, "conv" + number, groups * *rc::gen::inRange<std::int64_t>(1, 6), kernel,
        *rc::gen::inRange<std::int64_t>(1, 3), kernel / 2, layer == 0 ? 1 : groups, *rc::gen::arbitrary<bool>()));
    if (*rc::gen::arbitrary<bool>())
      nodes.push_back(batch_norm_node(static_cast<int>(nodes.size()) - 1, "bn" + number));
    nodes.push_back(plain_node(Operation::relu, {static_cast<int>(nodes.size()) - 1}, "relu" + number));
    if (*rc::gen::arbitrary<bool>()) taps.push_back("relu" + number);
  }
  nodes.push_back(plain_node(Operation::flatten, {static_cast<int>(nodes.size()) - 1}));
  nodes.push_back(linear_node(static_cast<int>(nodes.size()) - 1, "fc", 3));
  expect_as_naive(assemble(nodes, {3, height, width}, *rc::gen::arbitrary<std::uint64_t>()), taps);
}

TEST(Execution, NormalisationAndChannelOrderAreInsideTheModel) {
  const AssembledNetwork assembled = assemble(residual_nodes(), {3, 8, 8}, 6);
  ModelSpec spec = spec_named("net");
  spec.sidecar.mean = {0.4, 0.5, 0.6};  // in the order of the network's channels: B, G, R
  spec.sidecar.std = {0.2, 0.3, 0.25};
  spec.sidecar.channel_order = "bgr";
  const at::Tensor images = noise_images(7, {1, 3, 8, 8});
  const std::vector<float> rgb = values_of(images);
  std::vector<double> by_hand;
  for (int c = 0; c < 3; ++c)
    for (int p = 0; p < 64; ++p)
      by_hand.push_back((rgb[(2 - c) * 64 + p] - spec.sidecar.mean[c]) / spec.sidecar.std[c]);
  for (const ExecutionWay way : native_ways())
    EXPECT_LE(relative_difference(Model::from_network(assembled, spec, {}, {}, way).infer(images).logits,
                                  run_naively(assembled, by_hand).back()),
              kTolerance);
}

TEST(Execution, OneChannelModelTakesGrayImagesGivenAsRgb) {
  const std::vector<Node> nodes{plain_node(Operation::input, {}), convolution_node(0, "conv", 4, 3, 1, 1),
                                plain_node(Operation::relu, {1}), plain_node(Operation::flatten, {2}),
                                linear_node(3, "fc", 3)};
  const AssembledNetwork assembled = assemble(nodes, {1, 6, 6}, 8);
  const Model model = Model::from_network(assembled, spec_named("gray"), {}, {3, 6, 6});
  const std::vector<float> gray = values_of(noise_images(9, {1, 1, 6, 6}));
  std::vector<float> rgb;
  for (int c = 0; c < 3; ++c) rgb.insert(rgb.end(), gray.begin(), gray.end());
  EXPECT_LE(relative_difference(model.infer(tensor_of(rgb, {1, 3, 6, 6})).logits,
                                model.infer(tensor_of(gray, {1, 1, 6, 6})).logits),
            kTolerance);
}

TEST(Execution, AllConvolutionalNetworkTakesAnySizeAndAFlattenedOneRefusesIt) {
  const Model free = Model::from_network(assemble(residual_nodes(), {3, 8, 8}, 1), spec_named("free"), {}, {});
  EXPECT_EQ(free.info().input, (NodeShape{3, 0, 0}));
  EXPECT_EQ(free.infer(noise_images(1, {2, 3, 20, 14})).logits.size(), 10u);

  std::vector<Node> nodes{plain_node(Operation::input, {}), convolution_node(0, "conv", 4, 3, 1, 1),
                          plain_node(Operation::flatten, {1}), linear_node(2, "fc", 3)};
  const AssembledNetwork flat = assemble(nodes, {3, 8, 8}, 1);
  const Model fixed = Model::from_network(flat, spec_named("fixed"), {}, {});
  EXPECT_EQ(fixed.info().input, (NodeShape{3, 8, 8}));
  try {
    fixed.infer(noise_images(1, {2, 3, 20, 14}));
    FAIL() << "a wrong size was taken";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("3x8x8, not 3x20x14"), std::string::npos) << error.what();
  }
  EXPECT_THROW(Model::from_network(flat, spec_named("fixed"), {}, {3, 32, 32}), UsageError);
}

TEST(Execution, UnknownTapNamesItsNearestNames) {
  try {
    Model::from_network(assemble(residual_nodes(), {3, 8, 8}, 1), spec_named("net"), {"blok"});
    FAIL() << "an unknown tap was taken";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean block"), std::string::npos) << error.what();
  }
}

TEST(Execution, WeightsThatOverflowAreRefusedAtLoad) {
  AssembledNetwork assembled = assemble(residual_nodes(), {3, 8, 8}, 1);
  for (auto& [name, tensor] : assembled.checkpoint.tensors)
    if (name == "conv1.weight")
      for (float& value : tensor.values) value = 3e38f;
  EXPECT_THROW(Model::from_network(assembled, spec_named("net"), {}), UsageError);
}

TEST(Execution, SidecarWithTheWrongNumberOfClassesOrMeansIsRefused) {
  const AssembledNetwork assembled = assemble(residual_nodes(), {3, 8, 8}, 1);
  ModelSpec spec = spec_named("net");
  spec.sidecar.classes = {"cat", "dog"};
  EXPECT_THROW(Model::from_network(assembled, spec, {}), UsageError);
  spec.sidecar.classes = {"a", "b", "c", "d", "e"};
  EXPECT_EQ(Model::from_network(assembled, spec, {}).info().class_names.size(), 5u);
  spec.sidecar.mean = {0.5};
  EXPECT_THROW(Model::from_network(assembled, spec, {}), UsageError);
}

}  // namespace
}  // namespace cuebench::test
