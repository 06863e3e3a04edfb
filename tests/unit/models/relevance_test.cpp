// Activations and relevances against the float64 fixture; closed form against gradients.

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

#include "naive_network.hpp"
#include "nodes.hpp"
#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

void flatten_into(const Json& json, std::vector<double>& values) {
  if (json.is_number()) return values.push_back(json.get<double>());
  for (const Json& part : json) flatten_into(part, values);
}

std::vector<double> numbers(const Json& json) {
  std::vector<double> values;
  flatten_into(json, values);
  return values;
}

at::Tensor images_of(const Json& integers) {
  std::vector<float> pixels;
  for (const double value : numbers(integers)) pixels.push_back(static_cast<float>(value / 255.0));
  return tensor_of(pixels, {static_cast<std::int64_t>(integers.size()), 3, 6, 6});
}

void set_weights(AssembledNetwork& assembled, const Json& weights) {
  assembled.checkpoint.tensors.clear();
  for (const ParameterSlot& slot : parameter_slots(assembled.network)) {
    // "conv1.weight" is "conv1_w" in the fixture.
    const std::size_t dot = slot.name.find('.');
    const std::vector<double> values = numbers(weights.at(slot.name.substr(0, dot) + "_" + slot.name[dot + 1]));
    assembled.checkpoint.tensors.emplace_back(slot.name,
                                              WeightTensor{slot.shape, {values.begin(), values.end()}, {}, "float32"});
  }
}

AssembledNetwork fixture_network(const Json& fixture, const std::string& name) {
  std::vector<Node> nodes{plain_node(Operation::input, {})};
  if (name == "net_gap") {
    nodes.insert(nodes.end(), {convolution_node(0, "conv1", 4, 3, 1, 1), plain_node(Operation::relu, {1}, "relu1"),
                               convolution_node(2, "conv2", 6, 3, 1, 1), plain_node(Operation::relu, {3}, "relu2"),
                               plain_node(Operation::global_average_pool, {4}), linear_node(5, "fc", 3)});
  } else {
    nodes.insert(nodes.end(), {convolution_node(0, "conv1", 4, 3, 2, 1), plain_node(Operation::relu, {1}, "relu1"),
                               plain_node(Operation::flatten, {2}), linear_node(3, "fc1", 8),
                               plain_node(Operation::relu, {4}, "relu_fc1"), linear_node(5, "fc2", 3)});
  }
  AssembledNetwork assembled = assemble(nodes, {3, 6, 6}, 1);
  set_weights(assembled, fixture.at(name).at("weights"));
  return assembled;
}

/// The fixture's own rule for float32: 1e-5 absolute or 1e-4 relative.
void expect_close(const std::vector<double>& actual, const std::vector<double>& expected, const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], std::max(1e-5, 1e-4 * std::abs(expected[i]))) << what << " " << i;
}

class ChannelFixture : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/channels.json");
    fixture_ = Json::parse(std::ifstream(path));
  }
  const Json& network() const { return fixture_.at(GetParam()); }
  std::vector<std::string> taps() const {
    std::vector<std::string> names;
    for (const auto& [name, unused] : network().at("layers").items()) names.push_back(name);
    return names;
  }
  Model model(ExecutionWay way = ExecutionWay::automatic) const {
    ModelSpec spec;
    spec.name = GetParam();
    return Model::from_network(fixture_network(fixture_, GetParam()), spec, taps(), {}, way);
  }
  std::vector<std::int64_t> labels() const { return network().at("labels").get<std::vector<std::int64_t>>(); }

  Json fixture_;
};

TEST_P(ChannelFixture, ActivationsAndLogitsAgreeOnEveryWay) {
  for (const ExecutionWay way : native_ways())
    for (const auto& [images, suffix] : {std::pair("images_int", "clean"), std::pair("variant_int", "variant")}) {
      const Model loaded = model(way);
      const Inference inference = loaded.infer(images_of(fixture_.at(images)));
      expect_close({inference.logits.begin(), inference.logits.end()},
                   numbers(network().at(std::string("logits_") + suffix)), "logits");
      for (std::size_t t = 0; t < loaded.taps().size(); ++t)
        expect_close(inference.taps[t].values,
                     numbers(network().at("layers").at(loaded.taps()[t].name).at(std::string("act_") + suffix)),
                     loaded.taps()[t].name);
    }
}

TEST_P(ChannelFixture, RelevanceOfTheTrueClassAgrees) {
  const Model loaded = model();
  for (const auto& [images, suffix] : {std::pair("images_int", "clean"), std::pair("variant_int", "variant")}) {
    const auto result =
        loaded.infer_with_relevance(images_of(fixture_.at(images)), labels(), RelevanceKind::true_class);
    for (std::size_t t = 0; t < loaded.taps().size(); ++t) {
      const std::string& tap = loaded.taps()[t].name;
      expect_close(result.relevance[t].values,
                   numbers(network().at("layers").at(tap).at(std::string("rel_true_") + suffix)), tap + suffix);
      expect_close(result.inference.taps[t].values,
                   numbers(network().at("layers").at(tap).at(std::string("act_") + suffix)), tap + suffix);
    }
  }
}

TEST_P(ChannelFixture, RelevanceOfTheTwoLargestLogitsAgreesTiesIncluded) {
  const Model loaded = model();
  const auto result = loaded.infer_with_relevance(images_of(fixture_.at("images_int")), {}, RelevanceKind::top2);
  for (std::size_t t = 0; t < loaded.taps().size(); ++t)
    expect_close(result.relevance[t].values,
                 numbers(network().at("layers").at(loaded.taps()[t].name).at("rel_top2_clean")), loaded.taps()[t].name);
}

/// contribution[i, c] = sum over positions of A * dz_y/dA; where the gradient is the same at every position (closed
/// form) that is the relevance times the mean activation.
TEST_P(ChannelFixture, ContributionsBehindTheHeadAreRelevanceTimesActivation) {
  const Model loaded = model();
  const auto result =
      loaded.infer_with_relevance(images_of(fixture_.at("images_int")), labels(), RelevanceKind::true_class);
  int compared = 0;
  for (std::size_t t = 0; t < loaded.taps().size(); ++t) {
    if (loaded.closed_form_weights(t).empty()) continue;
    std::vector<double> contribution = result.relevance[t].values;
    for (std::size_t i = 0; i < contribution.size(); ++i) contribution[i] *= result.inference.taps[t].values[i];
    const std::string& tap = loaded.taps()[t].name;
    expect_close(contribution, numbers(network().at("layers").at(tap).at("contribution_true_clean")), tap);
    ++compared;
  }
  EXPECT_EQ(compared, 1);
}

TEST_P(ChannelFixture, BatchCompositionDoesNotChangeRelevance) {
  const Model loaded = model();
  const at::Tensor images = images_of(fixture_.at("images_int"));
  const auto whole = loaded.infer_with_relevance(images, labels(), RelevanceKind::true_class);
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const auto one = loaded.infer_with_relevance(images.narrow(0, i, 1), {labels()[i]}, RelevanceKind::true_class);
    for (std::size_t t = 0; t < loaded.taps().size(); ++t) {
      const std::int64_t channels = whole.relevance[t].channels;
      const auto begin = whole.relevance[t].values.begin() + i * channels;
      expect_close(one.relevance[t].values, {begin, begin + channels}, loaded.taps()[t].name);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, ChannelFixture, testing::Values("net_gap", "net_flat"),
                         [](const auto& parameter) { return parameter.param; });

std::vector<Node> nodes_with_global_pool() {
  return {plain_node(Operation::input, {}),
          convolution_node(0, "conv1", 8, 3, 1, 1),
          plain_node(Operation::relu, {1}, "relu1"),
          convolution_node(2, "conv2", 16, 3, 2, 1),
          plain_node(Operation::relu, {3}, "relu2"),
          plain_node(Operation::global_average_pool, {4}, "pool"),
          linear_node(5, "fc", 5)};
}

TEST(ClosedForm, OnlyTheTapBeforeGlobalPoolingHasItAndItIsTheWeightMatrix) {
  const AssembledNetwork assembled = assemble(nodes_with_global_pool(), {3, 9, 9}, 3);
  ModelSpec spec;
  spec.name = "net";
  const Model model = Model::from_network(assembled, spec, {"relu1", "relu2"});
  EXPECT_TRUE(model.closed_form_weights(0).empty());
  const std::vector<float>& weights = assembled.checkpoint.find("fc.weight")->values;
  EXPECT_EQ(model.closed_form_weights(1), std::vector<double>(weights.begin(), weights.end()));
}

TEST(ClosedForm, LogitsAreBiasPlusWeightedMeans) {
  const AssembledNetwork assembled = assemble(nodes_with_global_pool(), {3, 9, 9}, 4);
  ModelSpec spec;
  spec.name = "net";
  const Model model = Model::from_network(assembled, spec, {"relu2"});
  const Inference inference = model.infer(noise_images(3, {4, 3, 9, 9}));
  std::vector<double> logits;
  for (int i = 0; i < 4; ++i)
    for (int y = 0; y < 5; ++y) {
      double z = assembled.checkpoint.find("fc.bias")->values[y];
      for (int c = 0; c < 16; ++c) z += model.closed_form_weights(0)[y * 16 + c] * inference.taps[0].values[i * 16 + c];
      logits.push_back(z);
    }
  // float32 pooling and products against double ones.
  EXPECT_LE(relative_difference(inference.logits, logits), 1e-5);
}

TEST(Relevance, EqualsTheEffectOfRaisingAWholeChannel) {
  // A channel's constant can be raised through the bias of the convolution before it, ReLU being open there.
  std::vector<Node> nodes = nodes_with_global_pool();
  AssembledNetwork assembled = assemble(nodes, {3, 9, 9}, 5);
  for (auto& [name, tensor] : assembled.checkpoint.tensors)
    if (name == "conv1.bias")
      for (float& bias : tensor.values) bias = 6;  // every unit of relu1 is active
  ModelSpec spec;
  spec.name = "net";
  const at::Tensor images = noise_images(6, {2, 3, 9, 9});
  const auto relevance =
      Model::from_network(assembled, spec, {"relu1"}).infer_with_relevance(images, {1, 3}, RelevanceKind::true_class);
  const std::vector<std::int64_t> labels{1, 3};
  for (int c = 0; c < 8; ++c) {
    const double step = 1e-2;  // small against the distance to the next kink, large against float32 noise
    std::vector<double> difference(2, 0.0);
    for (const double sign : {1.0, -1.0}) {
      AssembledNetwork moved = assembled;
      for (auto& [name, tensor] : moved.checkpoint.tensors)
        if (name == "conv1.bias") tensor.values[c] += static_cast<float>(sign * step);
      for (int i = 0; i < 2; ++i) {
        const std::vector<float> pixels = values_of(images.narrow(0, i, 1));
        difference[i] += sign * run_naively(moved, {pixels.begin(), pixels.end()}).back()[labels[i]] / (2 * step);
      }
    }
    // ReLUs of the next layer that change sides within the step bend the secant by a few per cent.
    for (int i = 0; i < 2; ++i)
      EXPECT_NEAR(relevance.relevance[0].values[i * 8 + c], difference[i], 0.05 * (1 + std::abs(difference[i])));
  }
}

TEST(Relevance, TapWithoutInfluenceIsNamed) {
  std::vector<Node> nodes = nodes_with_global_pool();
  nodes.insert(nodes.end() - 1, plain_node(Operation::relu, {2}, "idle"));
  ModelSpec spec;
  spec.name = "net";
  const Model model = Model::from_network(assemble(nodes, {3, 9, 9}, 3), spec, {"idle", "relu1"});
  const at::Tensor images = noise_images(1, {1, 3, 9, 9});
  EXPECT_NO_THROW(model.infer(images));
  try {
    model.infer_with_relevance(images, {0}, RelevanceKind::true_class);
    FAIL() << "relevance of an idle tap";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("'idle'"), std::string::npos) << error.what();
  }
}

TEST(Relevance, WrongLabelsAreRefused) {
  ModelSpec spec;
  spec.name = "net";
  const Model model = Model::from_network(assemble(nodes_with_global_pool(), {3, 9, 9}, 3), spec, {"relu1"});
  const at::Tensor images = noise_images(1, {2, 3, 9, 9});
  EXPECT_THROW(model.infer_with_relevance(images, {0}, RelevanceKind::true_class), UsageError);
  EXPECT_THROW(model.infer_with_relevance(images, {0, 5}, RelevanceKind::true_class), UsageError);
  EXPECT_THROW(model.infer_with_relevance(images, {0, -1}, RelevanceKind::true_class), UsageError);
}

}  // namespace
}  // namespace cuebench::test
