// Variants that end in an attack: names, order, canonical text; logits mapped to the run's classes.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "../../../src/evaluation/planned_variant.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>

#include "../../../src/evaluation/attacked_batch.hpp"

namespace cuebench {
namespace {

std::string message_of(std::string_view text) {
  try {
    plan_variant(text, {});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(PlannedVariant, OfTransformsIsTheTransformsOwn) {
  const PlannedVariant variant = plan_variant("grayscale+patch_shuffle:k=2", {});
  EXPECT_EQ(variant.text, canonical_variant("grayscale+patch_shuffle:k=2"));
  EXPECT_EQ(variant.keeps, "texture");
  EXPECT_FALSE(variant.attack.has_value());
  EXPECT_EQ(plan_variant("clean", {}).text, "clean");
}

TEST(PlannedVariant, WithAnAttackHasTheTransformsBeforeIt) {
  const PlannedVariant variant = plan_variant("grayscale + fgsm:epsilon=2/255", {});
  EXPECT_EQ(variant.text, "grayscale:weights=709+fgsm:alpha=auto,epsilon=2/255,random_start=no");
  EXPECT_EQ(variant.keeps, "adversarial");
  EXPECT_EQ(variant.transform.text, "grayscale:weights=709");
  EXPECT_EQ(plan_variant(variant.text, {}).text, variant.text);
}

TEST(PlannedVariant, OfAnAttackAloneBeginsWithTheCleanImage) {
  for (const char* text : {"fgsm", "clean+fgsm"}) {
    const PlannedVariant variant = plan_variant(text, {});
    EXPECT_EQ(variant.text, "fgsm:alpha=auto,epsilon=8/255,random_start=no");
    EXPECT_TRUE(variant.transform.steps.empty());
  }
}

TEST(PlannedVariant, RefusalsSayWhatToDo) {
  EXPECT_NE(message_of("fgsm+grayscale").find("put it last"), std::string::npos);
  EXPECT_NE(message_of("pdg").find("did you mean pgd"), std::string::npos);
  EXPECT_NE(message_of("greyscale").find("did you mean grayscale"), std::string::npos);
  EXPECT_NE(message_of("grayscale+pgd:epsilon=4").find("4/255"), std::string::npos);
  EXPECT_NE(message_of("grayscale+").find("empty link"), std::string::npos);
}

TEST(AttackedClasses, AreTheScoredOnesUpToAConstantPerImage) {
  const OutputMapping several{{{0, 3}, {1}, {2, 4, 5}}}, single{{{2}, {0}}};
  at::Tensor logits = at::empty({2, 6}, at::kDouble);
  const std::vector<double> values{1, -2, 0.5, 3, 3, -1, 0, 4, -1, 2, 0.25, 7};
  std::copy(values.begin(), values.end(), logits.data_ptr<double>());
  const at::Tensor mapped = map_differentiably(logits, several);
  for (int i = 0; i < 2; ++i) {
    const auto mean_of_exponentials = [&](const std::vector<int>& members) {
      double sum = 0;
      for (const int output : members) sum += std::exp(values[static_cast<std::size_t>(6 * i + output)]);
      return sum / static_cast<double>(members.size());
    };
    for (int k = 1; k < 3; ++k)
      EXPECT_NEAR(mapped[i][k].item<double>() - mapped[i][0].item<double>(),
                  std::log(mean_of_exponentials(several.members[static_cast<std::size_t>(k)]) /
                           mean_of_exponentials(several.members[0])),
                  1e-12);
    EXPECT_EQ(map_differentiably(logits, single)[i][0].item<double>(), values[static_cast<std::size_t>(6 * i + 2)]);
    EXPECT_EQ(map_differentiably(logits, single)[i][1].item<double>(), values[static_cast<std::size_t>(6 * i)]);
  }
  EXPECT_TRUE(map_differentiably(logits, {}).is_same(logits));
}

TEST(AttackedClasses, FollowTheAggregationAndALackedClassIsFarBelow) {
  const std::vector<float> values{1, -2, 0.5, 3, 3, -1};
  at::Tensor logits = at::empty({1, 6}, at::kDouble);
  std::copy(values.begin(), values.end(), logits.data_ptr<double>());
  OutputMapping mapping{{{0, 3}, {}, {1}, {2, 4, 5}}};
  for (const Aggregation aggregation : kAggregations) {
    mapping.aggregation = aggregation;
    const at::Tensor mapped = map_differentiably(logits, mapping);
    const auto scored = log_values(aggregate(values, softmax(values), mapping.members, aggregation), aggregation);
    for (int k = 2; k < 4; ++k)
      EXPECT_NEAR(mapped[0][k].item<double>() - mapped[0][0].item<double>(),
                  scored[static_cast<std::size_t>(k)] - scored[0], 1e-12)
          << to_string(aggregation);
    EXPECT_EQ(mapped[0][1].item<double>(), mapped[0][2].item<double>() - 100);
  }
}

}  // namespace
}  // namespace cuebench
