#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/metrics/outcome.hpp>

namespace cuebench {
namespace {

// The values of PyTorch's log_softmax on [2, 1, 0.5, -1] (also: -log(e^2 / (e^2 + e + e^0.5 + e^-1)) by hand).
TEST(ScoreLogits, MatchesHandComputedSoftmax) {
  const std::vector<float> logits{2.0f, 1.0f, 0.5f, -1.0f};
  const double total = std::exp(2.0) + std::exp(1.0) + std::exp(0.5) + std::exp(-1.0);
  const Outcome outcome = score_logits(logits, 1);
  EXPECT_EQ(outcome.predicted, 0);
  EXPECT_FLOAT_EQ(outcome.confidence, static_cast<float>(std::exp(2.0) / total));
  EXPECT_FLOAT_EQ(outcome.negative_log_likelihood, static_cast<float>(std::log(total) - 1.0));
  EXPECT_EQ(outcome.rank_of_label, 2);
  EXPECT_FLOAT_EQ(outcome.margin, -1.0f);
}

TEST(ScoreLogits, TiesGoToTheLowestIndexAndCountAgainstTheLabel) {
  const std::vector<float> logits{1.0f, 3.0f, 3.0f};
  EXPECT_EQ(score_logits(logits, 1).predicted, 1);
  EXPECT_EQ(score_logits(logits, 1).rank_of_label, 2);
  EXPECT_EQ(score_logits(logits, 2).rank_of_label, 2);
  EXPECT_EQ(score_logits(logits, 1).margin, 0.0f);
}

TEST(ScoreLogits, AnUnknownLabelLeavesTheLabelFieldsUndefined) {
  const Outcome outcome = score_logits(std::vector<float>{0.0f, 1.0f}, -1);
  EXPECT_EQ(outcome.predicted, 1);
  EXPECT_EQ(outcome.rank_of_label, -1);
  EXPECT_TRUE(std::isnan(outcome.negative_log_likelihood));
  EXPECT_TRUE(std::isnan(outcome.margin));
}

TEST(ScoreLogits, HugeLogitsNeitherOverflowNorVanish) {
  const Outcome outcome = score_logits(std::vector<float>{3e38f, -3e38f, 1.0f}, 0);
  EXPECT_EQ(outcome.confidence, 1.0f);
  EXPECT_EQ(outcome.negative_log_likelihood, 0.0f);
  EXPECT_TRUE(std::isfinite(score_logits(std::vector<float>{100.0f, -100.0f}, 1).negative_log_likelihood));
}

TEST(ScoreLogits, RefusesWhatItCannotScore) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THROW(score_logits(std::vector<float>{1.0f}, 0), std::invalid_argument);
  EXPECT_THROW(score_logits(std::vector<float>{1.0f, 2.0f}, 2), std::invalid_argument);
  EXPECT_THROW(score_logits(std::vector<float>{1.0f, infinity}, 0), std::invalid_argument);
  EXPECT_THROW(score_logits(std::vector<float>{1.0f, std::nanf("")}, 0), std::invalid_argument);
}

RC_GTEST_PROP(ScoreLogits, FieldsAgreeWithOneAnother, ()) {
  const auto raw = *rc::gen::resize(20, rc::gen::nonEmpty<std::vector<int>>());
  std::vector<float> logits{0.25f};
  for (const int value : raw) logits.push_back(static_cast<float>(value % 1000) / 16);
  const int label = *rc::gen::inRange(0, static_cast<int>(logits.size()));
  const Outcome outcome = score_logits(logits, label);
  RC_ASSERT(logits[outcome.predicted] == *std::max_element(logits.begin(), logits.end()));
  RC_ASSERT(outcome.confidence > 0 && outcome.confidence <= 1);
  RC_ASSERT(outcome.negative_log_likelihood >= 0);
  RC_ASSERT((outcome.margin > 0) == (outcome.rank_of_label == 1));
  RC_ASSERT(outcome.rank_of_label != 1 || outcome.predicted == label);
}

}  // namespace
}  // namespace cuebench
