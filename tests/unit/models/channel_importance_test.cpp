// Factors of CIFS modules against the float64 fixture, their derivatives against finite differences, and networks with
// modules on every way.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "../../../src/models/channel_importance.hpp"

#include <cmath>
#include <fstream>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <torch/csrc/autograd/autograd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/networks/initial_weights.hpp>

#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;
using Map = ImportanceRule::Map;

at::Tensor double_tensor(const Json& rows, std::vector<std::int64_t> shape) {
  std::vector<float> values;
  const auto flatten = [&](const auto& self, const Json& part) -> void {
    if (part.is_number()) return values.push_back(part.get<float>());
    for (const Json& inner : part) self(self, inner);
  };
  flatten(flatten, rows);
  return tensor_of(values, shape).to(at::kDouble);
}

PlanStep random_step(bool hidden, ImportanceRule rule) {
  PlanStep step;
  step.operation = Operation::channel_importance;
  step.importance = rule;
  step.weight = noise_images(1, {hidden ? 7 : 4, 5}).sub(0.5F).to(at::kDouble);
  step.bias = noise_images(2, {hidden ? 7 : 4}).to(at::kDouble);
  if (hidden) {
    step.second_weight = noise_images(3, {4, 7}).sub(0.5F).to(at::kDouble);
    step.second_bias = noise_images(4, {4}).to(at::kDouble);
  }
  return step;
}

double weighed_sum(const PlanStep& step, const at::Tensor& map) {
  const at::Tensor result = weigh_channels(step, map, probe_logits(step, map));
  return (result * noise_images(9, result.sizes().vec()).to(at::kDouble)).sum().item<double>();
}

at::Tensor gradient_of_weighed_sum(const PlanStep& step, const at::Tensor& map) {
  const at::AutoGradMode recording(true);
  const at::Tensor leaf = map.detach().clone().requires_grad_(true);
  const at::Tensor result = weigh_channels(step, leaf, probe_logits(step, leaf));
  const at::Tensor sum = (result * noise_images(9, result.sizes().vec()).to(at::kDouble)).sum();
  return torch::autograd::grad({sum}, {leaf}).front();
}

TEST(ChannelImportance, FactorsAreThoseOfTheFixture) {
  CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/channels.json");
  const Json fixture = Json::parse(std::ifstream(path));
  const Json& expected = fixture.at("cifs_mask");
  const Json& network = fixture.at("net_gap");
  PlanStep step;
  step.weight = double_tensor(network.at("weights").at("fc_w"), {3, 6});
  step.bias = double_tensor(network.at("weights").at("fc_b"), {3});
  // Means as maps of one pixel: what the probe and the head see is the same.
  const at::Tensor all = double_tensor(network.at("layers").at("relu2").at("act_clean"), {12, 6, 1, 1});
  for (const auto& [name, map] : {std::pair("softmax", Map::softmax), std::pair("sigmoid", Map::sigmoid),
                                  std::pair("softplus_beta5", Map::softplus)}) {
    step.importance.map = map;
    for (std::size_t row = 0; row < expected.at("images").size(); ++row) {
      const at::Tensor means = all.narrow(0, expected.at("images")[row].get<std::int64_t>(), 1);
      const at::Tensor logits = probe_logits(step, means);
      const at::Tensor factors = importance_factors(
          step.importance, probe_relevance(step, means.flatten(1), selected_probe_classes(step.importance, logits)));
      const at::Tensor after = probe_logits(step, weigh_channels(step, means, logits));
      // Activations come from the fixture as float32 here: 1e-6 of them.
      for (std::int64_t c = 0; c < 6; ++c)
        EXPECT_NEAR(factors[0][c].item<double>(), expected.at("masks").at(name)[row][c].get<double>(), 1e-6) << name;
      for (std::int64_t k = 0; k < 3; ++k)
        EXPECT_NEAR(after[0][k].item<double>(), expected.at("logits_after_mask").at(name)[row][k].get<double>(), 2e-5)
            << name;
    }
  }
}

TEST(ChannelImportance, DerivativesRunThroughTheFactorsOrTakeThemForConstants) {
  const at::Tensor map = noise_images(5, {3, 5, 2, 2}).to(at::kDouble);
  constexpr double kStep = 1e-6;
  for (const bool hidden : {false, true})
    for (const Map kind : {Map::softmax, Map::sigmoid, Map::softplus, Map::identity}) {
      PlanStep step = random_step(hidden, {kind, true, 0.7, 1.5, true});
      const at::Tensor through = gradient_of_weighed_sum(step, map).flatten();
      for (std::int64_t i = 0; i < map.numel(); i += 7) {
        const auto moved = [&](double by) {
          const at::Tensor other = map.clone();
          other.view({-1})[i] += by;
          return weighed_sum(step, other);
        };
        // Central differences in float64: error of the order of the step's square, and 1e-16 / 1e-6.
        EXPECT_NEAR(through[i].item<double>(), (moved(kStep) - moved(-kStep)) / (2 * kStep), 1e-7);
      }
      step.importance.differentiate_factors = false;
      const at::Tensor constant = gradient_of_weighed_sum(step, map);
      const at::Tensor selected = selected_probe_classes(step.importance, probe_logits(step, map));
      const at::Tensor factors = importance_factors(step.importance, probe_relevance(step, map.mean({2, 3}), selected));
      const at::Tensor expected =
          factors.unsqueeze(-1).unsqueeze(-1) * noise_images(9, map.sizes().vec()).to(at::kDouble);
      EXPECT_LT(constant.sub(expected).abs().max().item<double>(), 1e-14);
      // A linear probe has the same relevance everywhere, so that both agree there.
      EXPECT_EQ(through.sub(constant.flatten()).abs().max().item<double>() < 1e-14, !hidden);
    }
}

TEST(ChannelImportance, TrainingTakesTheLabelAndTheSecondPlace) {
  const at::Tensor logits = tensor_of({1, 3, 2, 0, 5, 5, 1, 5}, {2, 4});
  const at::Tensor labels = tensor_of({2, 0}, {2}).to(at::kLong);
  const auto of = [](const at::Tensor& classes) {
    std::vector<std::int64_t> values(classes.numel());
    const at::Tensor dense = classes.contiguous();
    std::copy_n(dense.data_ptr<std::int64_t>(), values.size(), values.data());
    return values;
  };
  EXPECT_EQ(of(selected_probe_classes({}, logits)), (std::vector<std::int64_t>{1, 2, 0, 1}));
  // The second place is the label of the first image: it counts twice.
  EXPECT_EQ(of(selected_probe_classes({}, logits, labels)), (std::vector<std::int64_t>{2, 2, 0, 1}));
  EXPECT_EQ(of(selected_probe_classes({.top_two = false}, logits)), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(of(selected_probe_classes({.top_two = false}, logits, labels)), (std::vector<std::int64_t>{2, 0}));
}

AssembledNetwork with_modules(const std::string& modules) {
  AssembledNetwork assembled;
  assembled.network = build_network("cifar_resnet:depth=8+cifs" + modules, {3, 16, 16}, 10);
  assembled.checkpoint = initial_weights(assembled.network, 4);
  assembled.classes = 10;
  return assembled;
}

TEST(ChannelImportance, NetworksWithModulesAgreeOnEveryWay) {
  const AssembledNetwork assembled = with_modules("");
  const std::vector<std::string> taps{"stage_2.0", "stage_3.0", "cifs.stage_3.0"};
  ModelSpec spec;
  spec.name = "cifs";
  const Model plain = Model::from_network(assembled, spec, taps, {}, ExecutionWay::plain);
  EXPECT_EQ(plain.info().probes, 2);
  EXPECT_TRUE(plain.closed_form_weights(0).empty());
  EXPECT_TRUE(plain.closed_form_weights(1).empty());
  EXPECT_FALSE(plain.closed_form_weights(2).empty()) << "the head reads the weighed map";
  const at::Tensor images = noise_images(6, {5, 3, 16, 16});
  const Inference expected = plain.infer(images);
  for (const ExecutionWay way : native_ways()) {
    const Inference got = Model::from_network(assembled, spec, taps, {}, way).infer(images);
    EXPECT_LT(relative_difference(got.logits, expected.logits), 1e-5);
    for (std::size_t t = 0; t < taps.size(); ++t)
      EXPECT_LT(relative_difference(got.taps[t].values, expected.taps[t].values), 1e-5) << taps[t];
  }
  const std::vector<at::Tensor> outputs = plain.differentiable_outputs(images);
  ASSERT_EQ(outputs.size(), 3);
  EXPECT_EQ(values_of(outputs[0]), expected.logits);
  EXPECT_EQ(outputs[1].size(1), 10);
}

TEST(ChannelImportance, TensorsTellTheModules) {
  const AssembledNetwork made = with_modules(":after=stage_2.0/stage_3.0,probes=linear/nonlinear,hidden=9");
  Sidecar sidecar;
  sidecar.input_size = {3, 16, 16};
  const AssembledNetwork read = assemble_network(made.checkpoint, "", sidecar, "file");
  EXPECT_EQ(read.network.architecture, made.network.architecture);
  sidecar.arch =
      "cifar_resnet:depth=8+cifs:after=stage_2.0/stage_3.0,probes=linear/nonlinear,hidden=9,importance=sigmoid";
  EXPECT_NE(assemble_network(made.checkpoint, "", sidecar, "file").network.architecture.find("importance=sigmoid"),
            std::string::npos);
}

TEST(ChannelImportance, WrongModulesAreRefusedWithASentence) {
  const auto refusal = [](const std::string& modules) -> std::string {
    try {
      with_modules(modules);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(refusal(":after=stage_9.0").find("stage_3.0"), std::string::npos);
  EXPECT_NE(refusal(":after=").find("after"), std::string::npos);
  EXPECT_NE(refusal(":after=classifier").find("no map of several channels"), std::string::npos);
  EXPECT_NE(refusal(":after=stage_3.0/stage_2.0").find("order"), std::string::npos);
  EXPECT_NE(refusal(":probes=linear").find("1 probes for 2 layers"), std::string::npos);
  EXPECT_NE(refusal(":probes=linear/cubic").find("cubic"), std::string::npos);
  EXPECT_NE(refusal(":importance=tanh").find("softmax"), std::string::npos);
  EXPECT_NE(refusal(":temperature=0").find("temperature"), std::string::npos);

  ModelSpec constant;
  constant.name = "plain";
  constant.constant_factors = true;
  AssembledNetwork without;
  without.network = build_network("cifar_resnet:depth=8", {3, 16, 16}, 10);
  without.checkpoint = initial_weights(without.network, 4);
  without.classes = 10;
  EXPECT_THROW(Model::from_network(without, constant, {}), UsageError);
}

}  // namespace
}  // namespace cuebench::test
