// Signs of unreliable figures, and results that leave their bounds.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <memory>

#include <ATen/ops/softmax.h>
#include <gtest/gtest.h>

#include <cuebench/attacks/reliability.hpp>
#include <cuebench/core/errors.hpp>

#include "../../../src/attacks/attack_bounds.hpp"
#include "classifiers.hpp"

namespace cuebench::test {
namespace {

DifferentiableClassifier plain_classifier() {
  return make_classifier("net_gap", random_weights(3), at::kFloat);
}

/// Labels are right; one image has none.
AttackTarget target_with(DifferentiableClassifier logits) {
  const at::Tensor images = random_images(3, 4, at::kFloat);
  const std::vector<double> predicted = values_of(plain_classifier()(images).argmax(1));
  std::vector<std::int64_t> labels(predicted.begin(), predicted.end());
  labels[2] = -1;
  return make_target(std::move(logits), images, labels);
}

std::vector<std::string> warnings_about(const DifferentiableClassifier& logits, bool gradient = true) {
  return reliability_warnings("m", target_with(logits), gradient);
}

TEST(Reliability, AnOrdinaryModelGivesNoWarning) {
  EXPECT_TRUE(warnings_about(plain_classifier()).empty());
}

TEST(Reliability, LogitsThatChangeBetweenCallsAreReported) {
  const auto calls = std::make_shared<int>(0);
  const auto warnings = warnings_about(
      [calls, plain = plain_classifier()](const at::Tensor& images) { return plain(images).add(++*calls); });
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("model 'm': its logits differ between equal calls"), std::string::npos);
}

TEST(Reliability, ProbabilitiesAreReported) {
  const auto warnings =
      warnings_about([plain = plain_classifier()](const at::Tensor& images) { return at::softmax(plain(images), 1); });
  ASSERT_FALSE(warnings.empty());
  EXPECT_NE(warnings[0].find("look like probabilities"), std::string::npos);
}

TEST(Reliability, ImagesWithoutGradientAreCountedWhereGradientsAreUsed) {
  const DifferentiableClassifier flat = [plain = plain_classifier()](const at::Tensor& images) {
    return plain(images).mul(0).add(plain(images).detach());
  };
  const auto warnings = warnings_about(flat);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("of 3 images looked at and classified right 3 have a gradient of zero"),
            std::string::npos);
  EXPECT_TRUE(warnings_about(flat, false).empty());
}

TEST(AttackBounds, AResultOutsideBallOrBoxIsAnError) {
  const AttackTarget target = target_with(plain_classifier());
  const auto moved_by = [&](const char* text, double distance) {
    const Parameters parameters = resolve_attack(text).parameters;
    within_bounds("pgd", parameters,
                  [=](const AttackTarget& given) { return given.images.add(distance).clamp(0, 1); })(target);
  };
  EXPECT_NO_THROW(moved_by("pgd:epsilon=8/255", 8.0 / 255));
  EXPECT_THROW(moved_by("pgd:epsilon=8/255", 8.1 / 255), RunError);
  EXPECT_NO_THROW(moved_by("pgd:norm=l2,epsilon=1", 0.05));
  EXPECT_THROW(moved_by("pgd:norm=l2,epsilon=1", 0.5), RunError);
  const Parameters parameters = resolve_attack("fgsm:epsilon=1").parameters;
  EXPECT_THROW(
      within_bounds("fgsm", parameters, [](const AttackTarget& given) { return given.images.add(0.1); })(target),
      RunError);
  EXPECT_THROW(within_bounds("fgsm", parameters, [](const AttackTarget& given) { return given.images.div(0); })(target),
               RunError);
}

}  // namespace
}  // namespace cuebench::test
