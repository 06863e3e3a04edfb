// Interventions: what is asked for, which channels it changes, and the logits of a linear head after it.

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include <cuebench/channels/intervention.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>

namespace cuebench::test {
namespace {

using Action = InterventionAction;
using Factors = std::vector<float>;

const std::vector<std::string> kModels{"standard", "robust"};

std::string refusal(const std::string& text, int channels = 8) {
  try {
    expand(parse_intervention(text, kModels), channels);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

/// Relevances -1, 3, 0, 3, -2, 1: by relevance channels 1, 3, 5, 2, 0, 4.
const ChannelOrder& example_order() {
  static const ChannelOrder order = order_channels(std::vector<double>{-1, 3, 0, 3, -2, 1}, 0);
  return order;
}

Factors factors_of(const ChannelIntervention& intervention, const std::vector<int>& random = {}) {
  Factors factors(6);
  fill_factors(intervention, example_order(), random, factors);
  return factors;
}

TEST(Intervention, ChannelsAreOrderedByRelevanceTheFirstOfEqualOnesFirst) {
  EXPECT_EQ(example_order().rank, (std::vector<int>{4, 0, 3, 1, 5, 2}));
  EXPECT_EQ(example_order().signs, (std::vector<signed char>{-1, 1, 0, 1, -1, 1}));
  EXPECT_EQ(order_channels(std::vector<double>{-1, 3, 0, 3, -2, 1}, 0.5).signs,
            (std::vector<signed char>{0, 1, 0, 1, -1, 0}));
}

TEST(Intervention, EveryActionChangesItsChannels) {
  EXPECT_EQ(factors_of({Action::suppress_opposed, 0.25, -1, {}}), (Factors{0.25, 1, 1, 1, 0.25, 1}));
  EXPECT_EQ(factors_of({Action::keep_relevant, 2, -1, {}}), (Factors{0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(factors_of({Action::keep_relevant, 0, -1, {}}), Factors(6, 0));
  EXPECT_EQ(factors_of({Action::keep_relevant, 6, -1, {}}), Factors(6, 1));
  EXPECT_EQ(factors_of({Action::zero_relevant, 1, -1, {}}), (Factors{1, 0, 1, 1, 1, 1}));
  EXPECT_EQ(factors_of({Action::zero_opposed, 2, -1, {}}), (Factors{0, 1, 1, 1, 0, 1}));
  EXPECT_EQ(factors_of({Action::zero_listed, 2, -1, {5, 2}}), (Factors{1, 1, 0, 1, 1, 0}));
  const std::vector<int> random{5, 4, 3, 2, 1, 0};
  EXPECT_EQ(factors_of({Action::keep_random, 2, 0, {}}, random), (Factors{0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(factors_of({Action::zero_random, 2, 0, {}}, random), (Factors{1, 1, 1, 1, 0, 0}));
}

TEST(Intervention, ALayerAloneAsksForEveryActionAndControls) {
  const auto all = expand(parse_intervention("layer4", kModels), 8);
  // 4 factors; keep and zero by relevance with k = 0, 1, 2, 4; the two at random with 20 draws of each k.
  EXPECT_EQ(all.size(), 4 + 3 * 4 + 2 * 4 * 20);
  const auto drawn = std::count_if(all.begin(), all.end(), [](const auto& one) { return one.draw >= 0; });
  EXPECT_EQ(drawn, 160);
  const auto few = expand(parse_intervention("layer4:action=keep_relevant/keep_random,k=1/8,draws=2", kModels), 8);
  ASSERT_EQ(few.size(), 2 + 4);
  EXPECT_EQ(few[1].setting, 8);
}

TEST(Intervention, AModelMayStandBeforeTheLayer) {
  EXPECT_EQ(parse_intervention("robust:stage_3.2:k=4", kModels).model, "robust");
  EXPECT_EQ(parse_intervention("robust:stage_3.2:k=4", kModels).layer, "stage_3.2");
  EXPECT_EQ(parse_intervention("robust", kModels).layer, "robust") << "a layer may have a model's name";
  EXPECT_EQ(parse_intervention("stage_3.2:of=label", kModels).of, RelevantClasses::label);
  EXPECT_EQ(parse_intervention("stage_3.2", kModels).of, RelevantClasses::top2);
}

TEST(Intervention, WrongRequestsAreRefusedWithASentence) {
  EXPECT_NE(refusal("layer4:k=9").find("8 channels"), std::string::npos);
  EXPECT_NE(refusal("layer4:channels=8").find("index 8"), std::string::npos);
  EXPECT_NE(refusal("layer4:action=keep_relevent").find("keep_relevant"), std::string::npos);
  EXPECT_NE(refusal("layer4:action=zero_listed").find("channels=INDEX"), std::string::npos);
  EXPECT_NE(refusal("layer4:action=keep_relevant,channels=1").find("zero_listed"), std::string::npos);
  EXPECT_NE(refusal("layer4:k=two").find("two"), std::string::npos);
  EXPECT_NE(refusal("layer4:k=-1").find("-1"), std::string::npos);
  EXPECT_NE(refusal("layer4:factor=nan").find("nan"), std::string::npos);
  EXPECT_NE(refusal("layer4:of=truth").find("label"), std::string::npos);
  EXPECT_NE(refusal("layer4:amount=3").find("amount"), std::string::npos);
}

TEST(Intervention, RandomOrdersArePermutationsOfTheirOwn) {
  const auto first = random_ranks(1, "layer4", 0, 64);
  std::vector<int> sorted = first;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> all(64);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sorted, all);
  EXPECT_EQ(first, random_ranks(1, "layer4", 0, 64));
  EXPECT_NE(first, random_ranks(1, "layer4", 1, 64));
  EXPECT_NE(first, random_ranks(1, "layer3", 0, 64));
  EXPECT_NE(first, random_ranks(2, "layer4", 0, 64));
}

TEST(Intervention, LogitsOfALinearHeadAreThoseOfTheChangedMeans) {
  RandomStream stream(3, "head", "tests");
  std::vector<double> weights(4 * 6), activation(6), bias(4);
  for (auto* values : {&weights, &activation, &bias})
    for (double& value : *values) value = stream.normal();
  const auto head = [&](const Factors& factors) {
    std::vector<float> logits;
    for (std::size_t k = 0; k < 4; ++k) {
      double sum = bias[k];
      for (std::size_t c = 0; c < 6; ++c) sum += weights[6 * k + c] * factors[c] * activation[c];
      logits.push_back(static_cast<float>(sum));
    }
    return logits;
  };
  const Factors factors{0, 1, 0.25, 1, 0, 2};
  const auto changed = intervened_logits(head(Factors(6, 1)), activation, weights, factors);
  const auto expected = head(factors);
  // The logits before are float32.
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(changed[k], expected[k], 2e-6);
}

}  // namespace
}  // namespace cuebench::test
