// PGD in all its forms against a second implementation in PyTorch, from the same starting points.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "../../../src/attacks/random_start.hpp"
#include "classifiers.hpp"
#include "test_data.hpp"
#include "torch_answers.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kImages = 6;

struct Comparison {
  std::string text;
  AttackTarget target;
  Json question;
};

Comparison compare(std::uint64_t seed, const std::string& norm, const std::string& loss, const std::string& keep,
                   bool random, int restarts) {
  const double epsilon = norm == "l2" ? 0.8 : 0.1, alpha = norm == "l2" ? 0.3 : 0.04;
  const Weights weights = random_weights(seed);
  Comparison comparison;
  comparison.text = fmt::format("pgd:norm={},loss={},keep={},epsilon={},alpha={},steps=6,random_start={},restarts={}",
                                norm, loss, keep, epsilon, alpha, random ? "yes" : "no", restarts);
  const DifferentiableClassifier logits = make_classifier("net_gap", weights, at::kDouble);
  const at::Tensor images = random_images(seed, kImages, at::kDouble);
  // Labels that are right, so that there is something to fool; the last one is wrong from the start.
  std::vector<std::int64_t> labels;
  const at::Tensor predicted = logits_without_gradient(logits, images).argmax(1);
  for (std::int64_t i = 0; i < kImages; ++i)
    labels.push_back((predicted[i].item<std::int64_t>() + (i + 1 == kImages)) % 3);
  comparison.target = make_target(logits, images, labels);
  Json starts = Json::array();
  for (int restart = 0; restart < restarts; ++restart)
    starts.push_back(nested(
        random ? random_start(comparison.target, norm == "l2" ? Norm::l2 : Norm::linf, epsilon, restart) : images));
  comparison.question = {{"weights", weights}, {"images", nested(images)},
                         {"labels", labels},   {"starts", starts},
                         {"norm", norm},       {"loss", loss},
                         {"keep", keep},       {"epsilon", epsilon},
                         {"alpha", alpha},     {"steps", 6}};
  return comparison;
}

TEST(TorchParity, EveryFormOfPgdInDoublePrecision) {
  if (!torch_is_here()) {
    if (must_have_shared_data()) FAIL() << "python3-torch is missing in CI";
    GTEST_SKIP() << "python3-torch is not here: nothing to compare with";
  }
  std::vector<Comparison> comparisons;
  std::uint64_t seed = 0;
  for (const char* norm : {"linf", "l2"})
    for (const char* loss : {"ce", "margin"})
      for (const char* keep : {"last", "best_loss", "first_success"})
        for (const auto& [random, restarts] : {std::pair(false, 1), std::pair(true, 1), std::pair(true, 3)})
          comparisons.push_back(compare(++seed, norm, loss, keep, random, restarts));
  Json questions = Json::array();
  for (const Comparison& comparison : comparisons) questions.push_back(comparison.question);
  const Json answers = answers_of_torch("attacks_torch.py", questions);
  ASSERT_EQ(answers.size(), comparisons.size());
  int fooled = 0;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const Comparison& comparison = comparisons[i];
    const at::Tensor images = resolve_attack(comparison.text).apply(comparison.target);
    const std::vector<double> actual = values_of(images), wanted = answers[i].get<std::vector<double>>();
    ASSERT_EQ(actual.size(), wanted.size());
    double largest = 0;
    for (std::size_t k = 0; k < actual.size(); ++k) largest = std::max(largest, std::abs(actual[k] - wanted[k]));
    // renorm divides by |d| + 1e-7: 1e-7 of epsilon a step, which later steps of L2 follow.
    EXPECT_LT(largest, comparison.question["norm"] == "l2" ? 1e-5 : 1e-9) << comparison.text;
    const at::Tensor predicted = logits_without_gradient(comparison.target.logits, images).argmax(1);
    for (std::int64_t k = 0; k + 1 < kImages; ++k)
      fooled += predicted[k].item<std::int64_t>() != comparison.target.labels[static_cast<std::size_t>(k)];
  }
  EXPECT_GT(fooled, 20) << "the comparison means little when nothing is fooled";
}

}  // namespace
}  // namespace cuebench::test
