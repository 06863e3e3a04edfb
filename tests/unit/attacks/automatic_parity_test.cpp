// apgd, fab and square against a second implementation in PyTorch that takes the images one by one, given the same
// random numbers.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cuebench/core/random.hpp>

#include "../../../src/attacks/hyperplane_projection.hpp"
#include "../../../src/attacks/random_start.hpp"
#include "../../../src/attacks/square_search.hpp"
#include "classifiers.hpp"
#include "test_data.hpp"
#include "torch_answers.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kImages = 4;
constexpr int kClasses = 5;

struct Comparison {
  std::string text;
  AttackTarget target;
  Json question;
};

/// Labels are right, but for the last image.
AttackTarget target_for(std::uint64_t seed, const Weights& weights, std::int64_t side) {
  const DifferentiableClassifier logits = make_classifier("net_gap", weights, at::kDouble);
  const at::Tensor images = random_images(seed, kImages, at::kDouble, side);
  const at::Tensor predicted = logits_without_gradient(logits, images).argmax(1);
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < kImages; ++i)
    labels.push_back((predicted[i].item<std::int64_t>() + (i + 1 == kImages)) % kClasses);
  return make_target(logits, images, labels);
}

/// `settings`: every parameter but norm and epsilon.
Comparison compare(std::uint64_t seed, const std::string& attack, bool l2, double epsilon, const Json& settings,
                   std::int64_t side = 6) {
  const Weights weights = random_weights(seed, kClasses);
  Comparison comparison;
  comparison.target = target_for(seed, weights, side);
  const std::string norm = l2 ? "l2" : "linf";
  comparison.text = fmt::format("{}:norm={},epsilon={}", attack, norm, epsilon);
  for (const auto& [name, value] : settings.items())
    comparison.text += fmt::format(",{}={}", name, value.is_string() ? value.get<std::string>() : value.dump());
  comparison.question = settings;
  comparison.question.update({{"attack", attack},
                              {"norm", norm},
                              {"epsilon", epsilon},
                              {"weights", weights},
                              {"images", nested(comparison.target.images)},
                              {"labels", comparison.target.labels}});
  return comparison;
}

Json starts_of(const Comparison& comparison, int attempts, double epsilon, bool first_is_image) {
  const bool l2 = comparison.question["norm"] == "l2";
  const int restarts = comparison.question["restarts"].get<int>();
  Json starts = Json::array();
  for (int attempt = 0; attempt < attempts * restarts; ++attempt)
    starts.push_back(
        nested(first_is_image && attempt % restarts == 0
                   ? comparison.target.images
                   : random_boundary_start(comparison.target, l2 ? Norm::l2 : Norm::linf, epsilon, attempt)));
  return starts;
}

Comparison compare_apgd(std::uint64_t seed, bool l2, const std::string& loss, int steps, int restarts) {
  const double epsilon = l2 ? 2.0 : 0.2;
  Comparison comparison =
      compare(seed, "apgd", l2, epsilon,
              {{"loss", loss}, {"steps", steps}, {"restarts", restarts}, {"n_targets", 3}, {"rho", 0.75}});
  comparison.question["starts"] = starts_of(comparison, 3, epsilon, false);
  return comparison;
}

Comparison compare_fab(std::uint64_t seed, bool l2, double epsilon, int restarts) {
  Comparison comparison = compare(seed, "fab", l2, epsilon,
                                  {{"steps", 8},
                                   {"restarts", restarts},
                                   {"n_targets", 3},
                                   {"alpha_max", 0.1},
                                   {"eta", 1.05},
                                   {"beta", 0.9},
                                   {"final_search", 3}});
  comparison.question["starts"] = starts_of(comparison, 3, epsilon / 2, true);
  return comparison;
}

Comparison compare_square(std::uint64_t seed, bool l2, double epsilon, int queries, std::int64_t side) {
  Comparison comparison = compare(seed, "square", l2, epsilon, {{"queries", queries}, {"p_init", 0.8}}, side);
  Json uniforms = Json::array();
  for (const std::string_view item : comparison.target.item_ids) {
    RandomStream stream(comparison.target.seed, item, comparison.target.variant);
    Json numbers = Json::array();
    for (int i = 0; i < 200 + 8 * queries; ++i) numbers.push_back(stream.uniform());
    uniforms.push_back(std::move(numbers));
  }
  comparison.question["uniforms"] = std::move(uniforms);
  return comparison;
}

/// Images that end otherwise than they began, or -1 where an answer is missing.
int expect_equal(const std::vector<Comparison>& comparisons, double tolerance) {
  Json questions = Json::array();
  for (const Comparison& comparison : comparisons) questions.push_back(comparison.question);
  const Json answers = answers_of_torch("attacks_auto_torch.py", questions);
  if (answers.size() != comparisons.size()) return -1;
  int fooled = 0;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const AttackTarget& target = comparisons[i].target;
    const at::Tensor images = resolve_attack(comparisons[i].text).apply(target);
    const std::vector<double> actual = values_of(images), wanted = answers[i].get<std::vector<double>>();
    double largest = 0;
    for (std::size_t k = 0; k < actual.size(); ++k) largest = std::max(largest, std::abs(actual[k] - wanted[k]));
    EXPECT_LT(largest, tolerance) << comparisons[i].text;
    const at::Tensor predicted = logits_without_gradient(target.logits, images).argmax(1);
    for (std::int64_t k = 0; k + 1 < kImages; ++k)
      fooled += predicted[k].item<std::int64_t>() != target.labels[static_cast<std::size_t>(k)];
  }
  return fooled;
}

class AutomaticParity : public testing::Test {
 protected:
  void SetUp() override {
    if (torch_is_here()) return;
    if (must_have_shared_data()) FAIL() << "python3-torch is missing in CI";
    GTEST_SKIP() << "python3-torch is not here: nothing to compare with";
  }
};

TEST_F(AutomaticParity, AutoPgdOnEveryLossInBothNorms) {
  std::vector<Comparison> comparisons;
  std::uint64_t seed = 0;
  for (const bool l2 : {false, true})
    for (const char* loss : {"ce", "dlr", "dlr_targeted"})
      for (const auto& [steps, restarts] : {std::pair(8, 1), std::pair(30, 2)})
        comparisons.push_back(compare_apgd(++seed, l2, loss, steps, restarts));
  // Linf: sums in another order, 1e-15 a step. L2: steps along a unit vector of such a sum, and momentum.
  const int fooled = expect_equal(comparisons, 1e-9);
  EXPECT_GT(fooled, 5) << "the comparison means little when nothing is fooled";
  EXPECT_LT(fooled, 31) << "nor when everything is";
}

TEST_F(AutomaticParity, FabInBothNorms) {
  std::vector<Comparison> comparisons;
  std::uint64_t seed = 20;
  for (const auto& [epsilon, restarts] : {std::pair(0.03, 1), std::pair(0.12, 1)})
    comparisons.push_back(compare_fab(++seed, false, epsilon, restarts));
  for (const auto& [epsilon, restarts] : {std::pair(0.4, 1), std::pair(1.2, 2)})
    comparisons.push_back(compare_fab(++seed, true, epsilon, restarts));
  // The projection there is a bisection to 1e-16 of the step, and each step is scaled by the network's curvature.
  const int fooled = expect_equal(comparisons, 1e-8);
  EXPECT_GT(fooled, 1);
  EXPECT_LT(fooled, 11);
}

TEST_F(AutomaticParity, SquareInBothNorms) {
  std::vector<Comparison> comparisons;
  std::uint64_t seed = 40;
  for (const double epsilon : {0.02, 0.05}) comparisons.push_back(compare_square(++seed, false, epsilon, 250, 6));
  for (const double epsilon : {0.2, 0.5}) comparisons.push_back(compare_square(++seed, true, epsilon, 250, 6));
  // Larger images, where the pyramids of the start are more than points.
  for (const std::int64_t side : {12, 17}) comparisons.push_back(compare_square(++seed, true, 0.5, 60, side));
  const int fooled = expect_equal(comparisons, 1e-9);
  EXPECT_GT(fooled, 1);
  EXPECT_LT(fooled, 17);
}

TEST(HyperplaneProjection, ReachesThePlaneInsideTheBoxByTheShortestWay) {
  // Down the diagonal of a square, first free, then with one value at the box, then out of reach.
  const at::Tensor points = tensor_of({0.5, 0.1, 0.5, 0.1, 0.5, 0.1}, {3, 2}, at::kDouble);
  const at::Tensor normals = tensor_of({1, 1, 1, 1, 1, 1}, {3, 2}, at::kDouble);
  const at::Tensor offsets = tensor_of({0.5, 0.2, -1}, {3}, at::kDouble);
  const std::vector<double> wanted{-0.05, -0.05, -0.3, -0.1, -0.5, -0.1};
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    const std::vector<double> actual = values_of(shortest_step_to_hyperplane(norm, points, normals, offsets));
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(actual[i], wanted[i], 1e-12) << i;
  }
  // A value that the plane does not ask for stays.
  const std::vector<double> idle = values_of(
      shortest_step_to_hyperplane(Norm::linf, tensor_of({0.5, 0.0}, {1, 2}, at::kDouble),
                                  tensor_of({2, 0}, {1, 2}, at::kDouble), tensor_of({1.5}, {1}, at::kDouble)));
  EXPECT_NEAR(idle[0], 0.25, 1e-12);
  EXPECT_EQ(idle[1], 0);
}

TEST(SquareSchedule, HalvesTheShareAfterTheStatedChanges) {
  EXPECT_EQ(share_of_pixels(0.8, 10), 0.8);
  EXPECT_EQ(share_of_pixels(0.8, 11), 0.4);
  EXPECT_EQ(share_of_pixels(0.8, 4999), 0.8 / 128);
  EXPECT_EQ(side_of_share(0.8, 32 * 32), 29);
  EXPECT_EQ(side_of_share(0.8 / 512, 32 * 32), 1);
}

}  // namespace
}  // namespace cuebench::test
