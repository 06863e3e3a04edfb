// Channels multiplied in the middle of a network, against plain loops, the closed form, and the same weights as
// TorchScript.

#include <cmath>

#include <gtest/gtest.h>

#include <cuebench/models/model.hpp>

#include "naive_network.hpp"
#include "nodes.hpp"
#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

constexpr std::int64_t kImages = 3;

/// Each image has factors of its own; some are 0.
std::vector<float> factors_of(std::size_t pass, std::int64_t channels) {
  std::vector<float> factors;
  for (std::int64_t i = 0; i < kImages * channels; ++i)
    factors.push_back(static_cast<float>((i * 7 + static_cast<std::int64_t>(pass) * 3) % 5) / 2);
  return factors;
}

std::vector<std::vector<float>> run(const Model& model, const at::Tensor& images, std::size_t tap, std::size_t passes) {
  std::vector<std::vector<float>> logits(passes);
  const std::int64_t channels = model.taps()[tap].shape.front();
  model.infer_with_factors(
      images, tap, passes,
      [&](std::size_t pass, std::span<float> factors) {
        const auto wanted = factors_of(pass, channels);
        ASSERT_EQ(factors.size(), wanted.size());
        std::copy(wanted.begin(), wanted.end(), factors.begin());
      },
      [&](std::size_t pass, std::span<const float> values) { logits[pass].assign(values.begin(), values.end()); });
  return logits;
}

/// A block with a shortcut that goes round the tap, a tap that a view shares memory with, and a vector tap.
std::vector<Node> example_nodes() {
  return {plain_node(Operation::input, {}),
          convolution_node(0, "conv1", 4, 3, 1, 1),
          batch_norm_node(1, "bn1"),
          plain_node(Operation::relu, {2}, "relu1"),
          convolution_node(3, "conv2", 4, 3, 1, 1),
          plain_node(Operation::add, {4, 2}),
          plain_node(Operation::relu, {5}, "block"),
          plain_node(Operation::flatten, {6}),
          linear_node(7, "fc1", 8),
          plain_node(Operation::relu, {8}, "hidden"),
          linear_node(9, "fc2", 3)};
}

/// The same network with a product behind the tap: a 1x1 convolution, or a diagonal linear layer, with the factors.
std::vector<double> naive_logits(const AssembledNetwork& assembled, int tap, const std::vector<float>& factors,
                                 const std::vector<double>& image) {
  AssembledNetwork changed = assembled;
  Network& network = changed.network;
  const std::int64_t channels = network.nodes[static_cast<std::size_t>(tap)].shape.front();
  const bool map = network.nodes[static_cast<std::size_t>(tap)].shape.size() == 3;
  Node scale = map ? convolution_node(tap, "scale", channels, 1, 1, 0, 1, false) : linear_node(tap, "scale", channels);
  scale.bias = false;
  for (Node& node : network.nodes)
    for (int& input : node.inputs) input = input >= tap ? input + 1 : input;
  network.nodes.insert(network.nodes.begin() + tap + 1, scale);
  infer_shapes(network, NodeShape(network.nodes[0].shape));
  WeightTensor weight{
      {channels, channels}, std::vector<float>(static_cast<std::size_t>(channels * channels)), {}, "float32"};
  if (map) weight.shape = {channels, channels, 1, 1};
  for (std::int64_t c = 0; c < channels; ++c)
    weight.values[static_cast<std::size_t>(c * channels + c)] = factors[static_cast<std::size_t>(c)];
  changed.checkpoint.tensors.emplace_back("scale.weight", weight);
  return run_naively(changed, image).back();
}

TEST(InferWithFactors, IsWhatPlainLoopsGiveOnEveryTap) {
  const AssembledNetwork assembled = assemble(example_nodes(), {3, 5, 5}, 11);
  const std::vector<std::string> taps{"relu1", "block", "hidden"};
  ModelSpec spec;
  spec.name = "example";
  const Model model = Model::from_network(assembled, spec, taps);
  const at::Tensor images = noise_images(2, {kImages, 3, 5, 5});
  const std::vector<float> pixels = values_of(images);
  for (std::size_t tap = 0; tap < taps.size(); ++tap) {
    const int node = assembled.network.find(taps[tap]);
    const std::int64_t channels = assembled.network.nodes[static_cast<std::size_t>(node)].shape.front();
    const auto got = run(model, images, tap, 2);
    for (std::size_t pass = 0; pass < 2; ++pass)
      for (std::int64_t i = 0; i < kImages; ++i) {
        const auto all = factors_of(pass, channels);
        const std::vector<float> own(all.begin() + i * channels, all.begin() + (i + 1) * channels);
        const std::vector<double> image(pixels.begin() + i * 75, pixels.begin() + (i + 1) * 75);
        const auto expected = naive_logits(assembled, node, own, image);
        for (std::size_t k = 0; k < expected.size(); ++k)
          // float32 against double, sums of at most 100 products.
          EXPECT_NEAR(got[pass][static_cast<std::size_t>(i) * 3 + k], expected[k], 1e-5 * (1 + std::abs(expected[k])))
              << taps[tap];
      }
  }
  // Nothing is left behind: the network itself gives what it gave.
  EXPECT_LT(relative_difference(run(model, images, 0, 1)[0], run(model, images, 0, 2)[0]), 1e-12);
}

TEST(InferWithFactors, TorchScriptOfTheSameWeightsAgrees) {
  CUEBENCH_REQUIRE_SHARED(script, "data/checkpoints/torchscript/vanilla-resnet20-std.pt");
  CUEBENCH_REQUIRE_SHARED(weights, "data/checkpoints/safetensors/vanilla-resnet20-std.safetensors");
  const at::Tensor images = noise_images(4, {kImages, 3, 32, 32});
  for (const char* tap : {"stage_2.1", "stage_3.2"}) {
    const auto logits_of = [&](const std::filesystem::path& file) {
      ModelSpec spec;
      spec.name = "resnet20";
      spec.file = file;
      return run(Model::load(spec, {tap}, {3, 32, 32}), images, 0, 2);
    };
    const auto from_script = logits_of(script), from_weights = logits_of(weights);
    for (std::size_t pass = 0; pass < 2; ++pass)
      EXPECT_LT(relative_difference(from_script[pass], from_weights[pass]), 1e-5) << tap;
  }
}

}  // namespace
}  // namespace cuebench::test
