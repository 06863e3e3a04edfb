// Models on another device and with fewer bits, against float32 on the CPU.

#include <algorithm>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

#include "gpu.hpp"
#include "naive_network.hpp"
#include "nodes.hpp"
#include "second_device.hpp"
#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

// Float32 in both: the same products, added in another order.
constexpr double kOtherOrder = 1e-4;
// bfloat16 keeps 8 bits, a relative rounding of 0.4 % at each of some ten layers.
constexpr double kEightBits = 0.02;
// Of some twenty layers or more, on noise that no network was trained on.
constexpr double kEightBitsDeep = 0.06;
// float16 and TF32 keep 11 bits.
constexpr double kElevenBits = 0.005;

ModelSpec spec() {
  ModelSpec result;
  result.name = "net";
  result.sidecar.mean = {0.4, 0.5, 0.6};
  result.sidecar.std = {0.2, 0.3, 0.25};
  return result;
}

/// Every kind of step that convolutional networks have: a folded and an unfoldable batch normalisation, a shortcut of
/// option A, a pool.
AssembledNetwork network() {
  const std::vector<Node> nodes{plain_node(Operation::input, {}),
                                convolution_node(0, "conv1", 16, 3, 1, 1, 1, false),
                                batch_norm_node(1, "bn1"),
                                plain_node(Operation::relu, {2}, "relu1"),
                                convolution_node(3, "conv2", 32, 3, 2, 1, 2),
                                shortcut_node(3, 2, 8, 8, "shortcut"),
                                plain_node(Operation::add, {4, 5}, "sum"),
                                batch_norm_node(6, "bn2"),
                                plain_node(Operation::relu, {7}, "block"),
                                pool_node(Operation::max_pool, 8, 3, 2, 1, false, "pool"),
                                plain_node(Operation::global_average_pool, {9}, "mean"),
                                linear_node(10, "fc", 6)};
  return assemble(nodes, {3, 20, 16}, 3);
}

const std::vector<std::string> kTaps{"relu1", "block", "mean"};

Model load(const Placement& placement, ExecutionWay way = ExecutionWay::automatic) {
  return Model::from_network(network(), spec(), kTaps, {}, way, placement);
}

void expect_close(const Inference& a, const Inference& b, double tolerance) {
  EXPECT_LE(relative_difference(a.logits, b.logits), tolerance);
  ASSERT_EQ(a.taps.size(), b.taps.size());
  for (std::size_t tap = 0; tap < a.taps.size(); ++tap)
    EXPECT_LE(relative_difference(a.taps[tap].values, b.taps[tap].values), tolerance) << kTaps[tap];
}

void expect_as_on_cpu(const at::Device& device) {
  const Model here = load({}, ExecutionWay::plain), there = load({device, Precision::fp32});
  EXPECT_EQ(there.info().device, device.str());
  EXPECT_EQ(there.info().precision, "fp32");
  const at::Tensor images = noise_images(8, {5, 3, 20, 16});
  expect_close(there.infer(images), here.infer(images), kOtherOrder);
  expect_close(there.infer(to_device(images, device)), here.infer(images), kOtherOrder);

  const std::vector<std::int64_t> labels{0, 1, 2, 3, 5};
  const auto expected = here.infer_with_relevance(images, labels, RelevanceKind::true_class);
  const auto found = there.infer_with_relevance(images, labels, RelevanceKind::true_class);
  expect_close(found.inference, expected.inference, kOtherOrder);
  for (std::size_t tap = 0; tap < kTaps.size(); ++tap)
    EXPECT_LE(relative_difference(found.relevance[tap].values, expected.relevance[tap].values), kOtherOrder);

  const at::Tensor logits = there.differentiable_logits(to_device(images, device));
  EXPECT_EQ(logits.device(), device);
  EXPECT_LE(relative_difference(values_of(logits.cpu()), here.infer(images).logits), kOtherOrder);
}

/// Scoring passes have fewer bits, gradients all of them.
void expect_fewer_bits(const Placement& placement, double tolerance) {
  SCOPED_TRACE(std::string(to_string(placement.precision)));
  const Model full = load({placement.device, Precision::fp32}, ExecutionWay::plain), reduced = load(placement);
  EXPECT_EQ(reduced.info().precision, to_string(placement.precision));
  const at::Tensor images = noise_images(9, {5, 3, 20, 16});
  expect_close(reduced.infer(images), full.infer(images), tolerance);
  EXPECT_TRUE(same_bits(reduced.infer_plainly(images), full.infer(images)));
  const at::Tensor there = to_device(images, placement.device);
  EXPECT_EQ(values_of(reduced.differentiable_logits(there).cpu()), values_of(full.differentiable_logits(there).cpu()));
  const auto relevance = [&](const Model& model) {
    return model.infer_with_relevance(images, {0, 1, 2, 3, 4}, RelevanceKind::true_class).relevance[0].values;
  };
  EXPECT_EQ(relevance(reduced), relevance(full));
}

TEST(PlacedModel, ASecondDeviceGivesWhatTheCpuGives) {
  expect_as_on_cpu(second_device());
  EXPECT_EQ(load({second_device(), Precision::fp32}).info().way, "eager-privateuseone");
}

TEST(PlacedModel, BfloatGivesTheFloatsLogitsToTwoPercent) {
  expect_fewer_bits({at::kCPU, Precision::bf16}, kEightBits);
  EXPECT_EQ(load({at::kCPU, Precision::bf16}).info().way, "eager-bf16");
  expect_fewer_bits({second_device(), Precision::bf16}, kEightBits);
}

TEST(PlacedModel, BfloatIsNotFloat32UnderAnotherName) {
  const at::Tensor images = noise_images(9, {5, 3, 20, 16});
  EXPECT_GT(relative_difference(load({at::kCPU, Precision::bf16}).infer(images).logits, load({}).infer(images).logits),
            1e-4);
}

TEST(PlacedModel, DefaultIsWhatItWasWithoutAPlacement) {
  const at::Tensor images = noise_images(9, {5, 3, 20, 16});
  const Model before = Model::from_network(network(), spec(), kTaps), now = load({});
  EXPECT_EQ(now.info().way, before.info().way);
  EXPECT_EQ(now.info().device, "cpu");
  EXPECT_TRUE(same_bits(now.infer(images), before.infer(images)));
}

TEST(PlacedModel, OneDnnLayoutsAreForFloat32OnTheCpu) {
  EXPECT_THROW(load({at::kCPU, Precision::bf16}, ExecutionWay::blocked), UsageError);
  EXPECT_THROW(load({second_device(), Precision::fp32}, ExecutionWay::blocked), UsageError);
}

AssembledNetwork small_transformer() {
  const ArchitectureInfo& vit = find_architecture("vit");
  const Parameters parameters =
      resolve_parameters("vit", vit.parameters, {{"depth", "2"}, {"hidden", "96"}, {"patch", "8"}, {"width", "128"}});
  AssembledNetwork assembled{vit.build(parameters, {3, 32, 32}, 10), {}, 10};
  fill_weights(assembled, 5);
  return assembled;
}

TEST(PlacedModel, TransformersRunOnASecondDeviceAndInBfloat) {
  const at::Tensor images = noise_images(4, {2, 3, 32, 32});
  const auto logits = [&](const Placement& placement) {
    return Model::from_network(small_transformer(), spec(), {}, {}, ExecutionWay::plain, placement)
        .infer(images)
        .logits;
  };
  const std::vector<float> expected = logits({});
  for (const at::Device device : {at::Device(at::kCPU), second_device()}) {
    EXPECT_LE(relative_difference(logits({device, Precision::fp32}), expected), kOtherOrder);
    EXPECT_LE(relative_difference(logits({device, Precision::bf16}), expected), kEightBitsDeep);
  }
}

TEST(PlacedModel, TorchScriptRunsOnASecondDeviceAndInBfloat) {
  CUEBENCH_REQUIRE_SHARED(file, "data/checkpoints/torchscript/vanilla-resnet20-std.pt");
  ModelSpec script;
  script.name = "script";
  script.file = file;
  const auto open = [&](const Placement& placement) {
    return Model::load(script, {"stage_3.2"}, {3, 32, 32}, ExecutionWay::automatic, placement);
  };
  const at::Tensor images = noise_images(6, {3, 3, 32, 32});
  const Model here = open({}), there = open({second_device(), Precision::fp32});
  EXPECT_EQ(there.info().way, "script-privateuseone");
  EXPECT_LE(relative_difference(there.infer(images).logits, here.infer(images).logits), kOtherOrder);
  EXPECT_LE(relative_difference(there.infer(images).taps[0].values, here.infer(images).taps[0].values), kOtherOrder);
  for (const at::Device device : {at::Device(at::kCPU), second_device()}) {
    const Model reduced = open({device, Precision::bf16});
    EXPECT_LE(relative_difference(reduced.infer(images).logits, here.infer(images).logits), kEightBitsDeep);
    EXPECT_LE(relative_difference(reduced.infer_plainly(images).logits, here.infer(images).logits), kOtherOrder);
  }
}

TEST(PlacedModel, AgreementCountsEqualDecisions) {
  const at::Tensor images = noise_images(10, {40, 3, 20, 16});
  const DecisionAgreement same = agreement_with_fp32(load({}, ExecutionWay::plain), images);
  EXPECT_EQ(same.equal, 40);
  EXPECT_EQ(same.images, 40);

  const Model full = load({}, ExecutionWay::plain), reduced = load({at::kCPU, Precision::bf16});
  const auto decisions = [&](const Model& model) {
    const std::vector<float> logits = model.infer(images).logits;
    std::vector<std::int64_t> classes;
    for (auto row = logits.begin(); row != logits.end(); row += 6)
      classes.push_back(std::max_element(row, row + 6) - row);
    return classes;
  };
  const auto a = decisions(full), b = decisions(reduced);
  std::int64_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  EXPECT_EQ(agreement_with_fp32(reduced, images).equal, equal);
}

/// With two outputs that differ by less than bfloat16 resolves, decisions do change.
TEST(PlacedModel, AgreementSeesDecisionsThatFewerBitsChange) {
  AssembledNetwork assembled =
      assemble({plain_node(Operation::input, {}), plain_node(Operation::global_average_pool, {0}, "mean"),
                linear_node(1, "fc", 2)},
               {3, 4, 4}, 1);
  for (auto& [name, tensor] : assembled.checkpoint.tensors)
    tensor.values = name == "fc.weight" ? std::vector<float>{1, 0, 0, 1.001F, 0, 0} : std::vector<float>{0, 0};
  ModelSpec plain;
  plain.name = "near";
  const Model model =
      Model::from_network(assembled, plain, {}, {}, ExecutionWay::automatic, {at::kCPU, Precision::bf16});
  const DecisionAgreement agreement = agreement_with_fp32(model, noise_images(3, {8, 3, 4, 4}));
  EXPECT_EQ(agreement.images, 8);
  EXPECT_EQ(agreement.equal, 0);
}

TEST(PlacedModelCuda, AGpuGivesWhatTheCpuGives) {
  CUEBENCH_REQUIRE_GPU(device);
  expect_as_on_cpu(device);
  EXPECT_EQ(load({device, Precision::fp32}).info().way, "eager-cuda");
}

TEST(PlacedModelCuda, FewerBitsGiveTheFloatsLogits) {
  CUEBENCH_REQUIRE_GPU(device);
  expect_fewer_bits({device, Precision::fp16}, kElevenBits);
  const int capability = device_facts.gpus[0].capability;
  if (capability != 0 && capability < 80) GTEST_SKIP() << "this GPU has neither bf16 nor tf32";
  expect_fewer_bits({device, Precision::bf16}, kEightBits);
  expect_fewer_bits({device, Precision::tf32}, kElevenBits);
}

TEST(PlacedModelCuda, TheSameBatchGivesTheSameBits) {
  CUEBENCH_REQUIRE_GPU(device);
  const Model model = load({device, Precision::fp32});
  const at::Tensor images = noise_images(11, {7, 3, 20, 16});
  const Inference first = model.infer(images);
  for (int call = 0; call < 3; ++call) EXPECT_TRUE(same_bits(model.infer(images), first));
}

}  // namespace
}  // namespace cuebench::test
