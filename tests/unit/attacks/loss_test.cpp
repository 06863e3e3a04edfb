// The losses of attacks against the fixture, and their derivatives against central differences.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "../../../src/attacks/input_gradient.hpp"
#include "classifiers.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

class LossFixture : public testing::Test {
 protected:
  void SetUp() override {
    CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/channels.json");
    losses_ = Json::parse(std::ifstream(path)).at("losses");
    logits_ = tensor_of(numbers(losses_.at("logits")), {4, 5}, at::kDouble);
    labels_ = tensor_of(numbers(losses_.at("labels")), {4}, at::kLong);
  }
  void expect_loss(AttackLoss kind, const char* name) const {
    const std::vector<double> actual = values_of(attack_loss(kind, logits_, labels_).loss);
    const std::vector<double> wanted = numbers(losses_.at(name));
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(actual[i], wanted[i], 1e-9) << name << " " << i;
  }
  Json losses_;
  at::Tensor logits_, labels_;
};

TEST_F(LossFixture, CrossEntropy) {
  expect_loss(AttackLoss::cross_entropy, "ce");
}

TEST_F(LossFixture, MarginOfTheBestOtherClassTiesIncluded) {
  expect_loss(AttackLoss::margin, "margin_other_minus_true");
  EXPECT_TRUE(rival_margin(logits_, labels_).equal(attack_loss(AttackLoss::margin, logits_, labels_).loss));
}

TEST_F(LossFixture, DifferenceOfLogitsRatioAwayFromTheLabelAndTowardsATarget) {
  expect_loss(AttackLoss::dlr, "dlr");
  const at::Tensor targets = tensor_of(numbers(losses_.at("targets")), {4}, at::kLong);
  const std::vector<double> actual = values_of(targeted_dlr(logits_, labels_, targets).loss);
  const std::vector<double> wanted = numbers(losses_.at("dlr_targeted"));
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(actual[i], wanted[i], 1e-9) << i;
}

TEST(AttackLoss, DerivativesAreCentralDifferences) {
  const std::vector<double> values{2.0, 1.0, 0.5, -1.0, 0.25, 0.0, 3.0, 1.0, 2.5, -2.0};
  const at::Tensor labels = tensor_of({0, 3}, {2}, at::kLong);
  constexpr double kStep = 1e-5;  // error of the difference: step^2, 1e-10
  const at::Tensor targets = tensor_of({2, 0}, {2}, at::kLong);
  const auto of = [&](AttackLoss kind) {
    return [=](const at::Tensor& logits) { return attack_loss(kind, logits, labels); };
  };
  for (const LossOfLogits& loss : std::vector<LossOfLogits>{
           of(AttackLoss::cross_entropy), of(AttackLoss::margin), of(AttackLoss::dlr),
           [&](const at::Tensor& logits) { return targeted_dlr(logits, labels, targets); },
           [&](const at::Tensor& logits) { return target_difference(logits, labels, targets); }}) {
    const std::vector<double> derivative = values_of(loss(tensor_of(values, {2, 5}, at::kDouble)).by_logits);
    for (std::size_t i = 0; i < values.size(); ++i) {
      double difference = 0;
      for (const double sign : {1.0, -1.0}) {
        std::vector<double> moved = values;
        moved[i] += sign * kStep;
        difference += sign * values_of(loss(tensor_of(moved, {2, 5}, at::kDouble)).loss)[i / 5];
      }
      EXPECT_NEAR(derivative[i], difference / (2 * kStep), 1e-8) << i;
    }
  }
}

TEST(AttackLoss, AConfidentModelStillGivesADerivativeInFloat32) {
  // softmax_0 rounds to 1; 1 - 1 would hide what is left of the other classes.
  const at::Tensor logits = tensor_of({40, 0, 10}, {1, 3}, at::kFloat), labels = tensor_of({0}, {1}, at::kLong);
  const std::vector<double> derivative = values_of(attack_loss(AttackLoss::cross_entropy, logits, labels).by_logits);
  EXPECT_NEAR(derivative[2] / std::exp(-30), 1, 1e-5);
  EXPECT_NEAR(derivative[0] / -(std::exp(-30) + std::exp(-40)), 1, 1e-5);
}

TEST(AttackLoss, OfEqualRivalsTheFirstCounts) {
  const at::Tensor logits = tensor_of({1, 1, 1, 0}, {1, 4}, at::kDouble), labels = tensor_of({1}, {1}, at::kLong);
  const LossValues values = attack_loss(AttackLoss::margin, logits, labels);
  EXPECT_EQ(values_of(values.by_logits), (std::vector<double>{1, -1, 0, 0}));
  EXPECT_EQ(values_of(rival_margin(logits, labels)), std::vector<double>{0});
}

TEST(AttackLoss, TargetsFollowTheLabelAndOfEqualOnesTheFirstComesFirst) {
  const at::Tensor logits = tensor_of({1, 5, 3, 3, 4, 0}, {1, 6}, at::kDouble), labels = tensor_of({1}, {1}, at::kLong);
  EXPECT_EQ(values_of(strongest_targets(logits, labels, 4)), (std::vector<double>{4, 2, 3, 0}));
}

}  // namespace
}  // namespace cuebench::test
