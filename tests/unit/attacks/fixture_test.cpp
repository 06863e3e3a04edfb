// Every attack number of the float64 reference fixture.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "../../../src/attacks/apgd_climb.hpp"
#include "classifiers.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kFgsm = "fgsm:epsilon=8/255";
constexpr const char* kPgd5 = "pgd:epsilon=8/255,alpha=2/255,steps=5,random_start=no";

class AttackFixture : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/channels.json");
    fixture_ = Json::parse(std::ifstream(path));
  }
  const Json& expected(const char* attack) const { return fixture_.at(GetParam()).at("attacks").at(attack); }

  AttackTarget target(at::ScalarType type, std::int64_t count = 12) const {
    std::vector<double> pixels = numbers(fixture_.at("images_int"));
    for (double& pixel : pixels) pixel /= 255;
    auto labels = fixture_.at(GetParam()).at("labels").get<std::vector<std::int64_t>>();
    labels.resize(static_cast<std::size_t>(count));
    return make_target(make_classifier(GetParam(), fixture_.at(GetParam()).at("weights"), type),
                       tensor_of(pixels, {12, 3, 6, 6}, type).narrow(0, 0, count).clone(), labels);
  }

  /// Integer deltas exactly; logits, predictions and losses within `tolerance`, absolute or relative.
  void expect_attack(const char* text, const char* name, at::ScalarType type, double tolerance) const {
    const AttackTarget attacked = target(type);
    const at::Tensor images = resolve_attack(text).apply(attacked);
    const std::vector<double> before = values_of(attacked.images), after = values_of(images);
    const std::vector<double> deltas = numbers(expected(name).at("delta_int"));
    ASSERT_EQ(after.size(), deltas.size());
    // float64 leaves 1e-12 of a step; float32 pixels are rounded to 6e-8, 255 times that is 1.5e-5.
    const double residual = type == at::kDouble ? 1e-9 : 1e-4;
    for (std::size_t i = 0; i < deltas.size(); ++i)
      ASSERT_NEAR((after[i] - before[i]) * 255, deltas[i], residual) << name << " value " << i;
    const at::Tensor logits = logits_without_gradient(attacked.logits, images);
    expect_near(values_of(logits), numbers(expected(name).at("logits")), tolerance);
    expect_near(cross_entropies(attacked, images), numbers(expected(name).at("ce_loss")), tolerance);
    EXPECT_EQ(values_of(logits.argmax(1)), numbers(expected(name).at("pred"))) << name;
  }

  static void expect_near(const std::vector<double>& actual, const std::vector<double>& wanted, double tolerance) {
    ASSERT_EQ(actual.size(), wanted.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
      EXPECT_NEAR(actual[i], wanted[i], tolerance * std::max(1.0, std::abs(wanted[i]))) << i;
  }

  Json fixture_;
};

TEST_P(AttackFixture, FgsmInBothPrecisions) {
  expect_attack(kFgsm, "fgsm", at::kDouble, 1e-9);
  expect_attack(kFgsm, "fgsm", at::kFloat, 1e-4);  // the fixture's own rule for float32
}

TEST_P(AttackFixture, OneStepOfPgd) {
  expect_attack("pgd:epsilon=8/255,alpha=2/255,steps=1,random_start=no", "pgd1", at::kDouble, 1e-9);
}

TEST_P(AttackFixture, FiveStepsOfPgdInBothPrecisions) {
  expect_attack(kPgd5, "pgd5", at::kDouble, 1e-9);
  expect_attack(kPgd5, "pgd5", at::kFloat, 1e-4);
}

TEST_P(AttackFixture, FiveStepsOnTheMargin) {
  expect_attack("pgd:epsilon=8/255,alpha=2/255,steps=5,random_start=no,loss=margin", "cw_pgd5", at::kDouble, 1e-9);
}

TEST_P(AttackFixture, FiveStepsInL2) {
  const Json& wanted = expected("pgd_l2_5");
  ASSERT_EQ(wanted.at("images"), (Json{0, 1, 2, 3}));
  const ResolvedAttack attack = resolve_attack("pgd:norm=l2,epsilon=0.5,alpha=0.2,steps=5,random_start=no");
  for (const auto& [type, tolerance] : {std::pair(at::kDouble, 1e-9), std::pair(at::kFloat, 1e-5)}) {
    const AttackTarget attacked = target(type, 4);
    const at::Tensor images = attack.apply(attacked);
    expect_near(values_of(images.sub(attacked.images)), numbers(wanted.at("delta")), tolerance);
    expect_near(values_of(images.sub(attacked.images).to(at::kDouble).flatten(1).norm(2, 1)),
                numbers(wanted.at("delta_l2")), tolerance);
    expect_near(values_of(logits_without_gradient(attacked.logits, images)), numbers(wanted.at("logits")),
                10 * tolerance);  // the logits' derivative by a pixel is of the order of 10
  }
}

TEST_P(AttackFixture, TenStepsOfAutoPgdFromTheStatedStart) {
  const Json& wanted = expected("apgd_ce_10");
  EXPECT_EQ(apgd_checkpoints(10), wanted.at("checkpoints").get<std::vector<int>>());
  const AttackTarget attacked = target(at::kDouble);
  std::vector<double> checkerboard;
  for (int i = 0; i < 12 * 3 * 6 * 6; ++i) checkerboard.push_back((i / 36 % 3 + i / 6 % 6 + i % 6) % 2 == 0 ? 1 : -1);
  const at::Tensor start =
      attacked.images.add(tensor_of(checkerboard, {12, 3, 6, 6}, at::kDouble), 8.0 / 255).clamp(0, 1);
  const at::Tensor labels = tensor_of({attacked.labels.begin(), attacked.labels.end()}, {12}, at::kLong);
  const auto climb = [&](int steps, bool stop) {
    return apgd_climb({.epsilon = 8.0 / 255, .steps = steps, .stop_when_fooled = stop}, attacked.logits,
                      attacked.images, labels, start,
                      [&](const at::Tensor& logits) { return attack_loss(AttackLoss::cross_entropy, logits, labels); });
  };
  const ApgdClimb found = climb(10, false);
  expect_near(values_of(found.highest.sub(attacked.images).mul(255)), numbers(wanted.at("x_best_delta_times_255")),
              1e-9);
  expect_near(values_of(found.highest_loss), numbers(wanted.at("loss_best")), 1e-9);
  expect_near(values_of(found.step_size.mul(255)), numbers(wanted.at("step_size_final_times_255")), 1e-9);
  const std::vector<bool> robust = wanted.at("robust").get<std::vector<bool>>();
  for (int i = 0; i < 12; ++i) EXPECT_EQ(found.fooled[i].item<bool>(), !robust[static_cast<std::size_t>(i)]) << i;
  EXPECT_TRUE(climb(10, true).first_fooled.equal(found.first_fooled));
}

TEST_P(AttackFixture, GradientsAgreeAndAnImageWithoutOneStaysWhereItIs) {
  // Image 11 is black: every unit sits on the kink or below it, where the derivative is 0.
  const AttackTarget attacked = target(at::kDouble);
  const at::Tensor labels = tensor_of({attacked.labels.begin(), attacked.labels.end()}, {12}, at::kLong);
  const InputGradient gradient = input_gradient(attacked.logits, attacked.images, labels, AttackLoss::cross_entropy);
  const std::vector<double> sums = numbers(expected("grad_abs_sum_clean"));
  expect_near(values_of(gradient.gradient.abs().flatten(1).sum(1)), sums, 1e-9);
  expect_near(values_of(gradient.loss), numbers(expected("ce_loss_clean")), 1e-9);
  EXPECT_EQ(sums.at(11), 0);
  for (const char* text : {kFgsm, kPgd5, "pgd:norm=l2,epsilon=0.5,alpha=0.2,steps=5,random_start=no"}) {
    const at::Tensor images = resolve_attack(text).apply(attacked);
    for (int i = 0; i < 12; ++i)
      EXPECT_EQ(images[i].equal(attacked.images[i]), sums[static_cast<std::size_t>(i)] == 0) << text << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, AttackFixture, testing::Values("net_gap", "net_flat"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace cuebench::test
