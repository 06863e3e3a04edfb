// Numbers of a run whose every outcome is known, against formulas written out here.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/summary.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::answer;
using test::SyntheticRun;

constexpr double kNormal975 = 1.959963984540054;

/// Wilson's interval written out: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
void expect_wilson(const Measure& measure, double hits, double n) {
  const double p = hits / n, z2 = kNormal975 * kNormal975;
  const double half = kNormal975 * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  ASSERT_TRUE(measure.value && measure.low && measure.high) << measure.method;
  EXPECT_DOUBLE_EQ(*measure.value, p);
  EXPECT_NEAR(*measure.low, (p + z2 / (2 * n) - half) / (1 + z2 / n), 1e-12);
  EXPECT_NEAR(*measure.high, (p + z2 / (2 * n) + half) / (1 + z2 / n), 1e-12);
  EXPECT_EQ(measure.n, static_cast<std::int64_t>(n));
}

/// 200 items of two classes. Right: standard 180 on clean and 60 on the variant, robust 160 and 120 (below).
bool is_right(std::int64_t item, int model, int variant) {
  if (model == 0) return variant == 0 ? item % 10 != 0 : item % 10 < 3;
  return variant == 0 ? item % 5 != 1 : item % 5 < 3;
}

SyntheticRun two_class_run() {
  SyntheticRun run = SyntheticRun::pair({{"silhouette", "shape"}}, {"cat", "dog"}, 200);
  run.outcome = [](std::int64_t item, int model, int variant) {
    return answer(is_right(item, model, variant), static_cast<int>(item % 2), 2);
  };
  return run;
}

RunSummary summary_of(const SyntheticRun& run, const SummaryOptions& options = {}) {
  const test::TemporaryFolder folder;
  return summarise(run.store(folder.path()), options);
}

TEST(Summary, CountsTop1WithWilsonIntervals) {
  const RunSummary summary = summary_of(two_class_run());
  expect_wilson(summary.score(0, 0).top1, 180, 200);
  expect_wilson(summary.score(1, 0).top1, 160, 200);
  expect_wilson(summary.score(0, 1).top1, 60, 200);
  expect_wilson(summary.score(1, 1).top1, 120, 200);
  // Class cat = even items: of each ten, the standard model misses item 0 only.
  expect_wilson(summary.score(0, 0).class_top1[0], 80, 100);
  expect_wilson(summary.score(0, 0).class_top1[1], 100, 100);
}

TEST(Summary, RetainedAndAgreementAreRelativeToTheSameModelOnClean) {
  const RunSummary summary = summary_of(two_class_run());
  EXPECT_DOUBLE_EQ(summary.score(0, 1).retained.value.value(), 60.0 / 180.0);
  EXPECT_DOUBLE_EQ(summary.score(1, 1).retained.value.value(), 120.0 / 160.0);
  EXPECT_LT(summary.score(0, 1).retained.low.value(), 60.0 / 180.0);
  EXPECT_GT(summary.score(0, 1).retained.high.value(), 60.0 / 180.0);
  // With two classes, answers agree where right and right, or wrong and wrong.
  std::int64_t same = 0;
  for (std::int64_t item = 0; item < 200; ++item) same += is_right(item, 1, 0) == is_right(item, 1, 1);
  expect_wilson(summary.score(1, 1).agreement, static_cast<double>(same), 200);
  EXPECT_FALSE(summary.score(0, 0).retained.value);
  EXPECT_FALSE(summary.score(0, 0).agreement.value);
}

TEST(Summary, MeansAreOfLikelihoodConfidenceAndCalibration) {
  const RunSummary summary = summary_of(two_class_run());
  const VariantScores& scores = summary.score(0, 1);
  // Confidence is 0.9 everywhere; the answers are right in 30 %: one bin, so ECE = |0.3 - 0.9|. float rounding: 1e-6.
  EXPECT_NEAR(scores.confidence.value.value(), 0.9, 1e-6);
  EXPECT_NEAR(scores.calibration_error.value.value(), 0.6, 1e-6);
  const double right = -std::log(0.9), wrong = -std::log(0.05);
  EXPECT_NEAR(scores.negative_log_likelihood.value.value(), 0.3 * right + 0.7 * wrong, 1e-5);
  const double deviation = std::sqrt(0.3 * 0.7 * 200.0 / 199.0) * (wrong - right);
  EXPECT_NEAR(scores.negative_log_likelihood.high.value() - scores.negative_log_likelihood.value.value(),
              kNormal975 * deviation / std::sqrt(200.0), 1e-5);
}

TEST(Summary, DifferencesAndDiscordantImagesArePaired) {
  const RunSummary summary = summary_of(two_class_run());
  ASSERT_EQ(summary.pairs.size(), 1u);
  const VariantComparison& now = summary.pairs[0].variants[1];
  std::int64_t only_robust = 0, only_standard = 0;
  for (std::int64_t item = 0; item < 200; ++item) {
    only_robust += is_right(item, 1, 1) && !is_right(item, 0, 1);
    only_standard += !is_right(item, 1, 1) && is_right(item, 0, 1);
  }
  EXPECT_EQ(now.only_robust, only_robust);
  EXPECT_EQ(now.only_standard, only_standard);
  EXPECT_DOUBLE_EQ(now.difference.value.value(), 0.3);
  EXPECT_NEAR(now.relative_to_clean.value.value(), (0.6 - 0.8) - (0.3 - 0.9), 1e-12);
  EXPECT_EQ(now.difference.n, 200);

  // The exact two-sided p is twice the smaller binomial tail at 1/2.
  double tail = 0;
  const auto n = static_cast<double>(only_robust + only_standard);
  for (std::int64_t k = 0; k <= std::min(only_robust, only_standard); ++k)
    tail +=
        std::exp(std::lgamma(n + 1) - std::lgamma(double(k) + 1) - std::lgamma(n - double(k) + 1) - n * std::log(2));
  EXPECT_NEAR(now.mcnemar_p.value.value(), std::min(1.0, 2 * tail), 1e-12);
}

TEST(Summary, BootstrapIntervalOfTheDifferenceHasTheTheoreticalWidth) {
  // 4000 items in 2 classes; gains are +1, 0, -1 with shares 0.3, 0.6, 0.1 in both classes.
  SyntheticRun run = SyntheticRun::pair({{"silhouette", "shape"}}, {"cat", "dog"}, 4000);
  run.description.block_size = 1000;
  run.outcome = [](std::int64_t item, int model, int variant) {
    const std::int64_t k = item / 2 % 10;
    const bool right = variant == 0 || (model == 1 ? k < 6 : k >= 3 && k < 7);
    return answer(right, static_cast<int>(item % 2), 2);
  };
  const RunSummary summary = summary_of(run);
  const Measure& difference = summary.pairs[0].variants[1].difference;
  EXPECT_DOUBLE_EQ(difference.value.value(), 0.2);
  const double deviation = std::sqrt((0.3 + 0.1 - 0.04) / 4000);
  // 10,000 replicates place a 2.5 % quantile within about 2.5 % of its distance to the centre.
  EXPECT_NEAR(difference.low.value(), 0.2 - kNormal975 * deviation, 0.05 * kNormal975 * deviation);
  EXPECT_NEAR(difference.high.value(), 0.2 + kNormal975 * deviation, 0.05 * kNormal975 * deviation);
  EXPECT_NE(difference.method.find("stratified by class"), std::string::npos);
}

TEST(Summary, HolmRunsOverAllVariantsOfThePair) {
  const RunSummary summary = summary_of(two_class_run());
  const auto& variants = summary.pairs[0].variants;
  const double clean = variants[0].mcnemar_p.value.value(), shape = variants[1].mcnemar_p.value.value();
  const double smaller = std::min(clean, shape), larger = std::max(clean, shape);
  EXPECT_DOUBLE_EQ(std::min(variants[0].holm_p.value.value(), variants[1].holm_p.value.value()),
                   std::min(1.0, 2 * smaller));
  EXPECT_DOUBLE_EQ(std::max(variants[0].holm_p.value.value(), variants[1].holm_p.value.value()),
                   std::max(std::min(1.0, 2 * smaller), larger));
}

TEST(Summary, ClassesTooSmallToResampleAreNotStrata) {
  SyntheticRun run = SyntheticRun::pair({{"silhouette", "shape"}}, {"a", "b", "c"}, 21);  // 7 images a class
  run.outcome = [](std::int64_t item, int model, int variant) {
    return answer((item + model + variant) % 3 != 0, static_cast<int>(item % 3), 3);
  };
  const RunSummary summary = summary_of(run);
  EXPECT_NE(summary.pairs[0].variants[1].difference.method.find("not stratified"), std::string::npos);
}

TEST(Summary, Top5CountsRanksOneToFiveAndIsAbsentForFiveClassesOrFewer) {
  std::vector<std::string> names;
  for (int i = 0; i < 6; ++i) names.push_back("class" + std::to_string(i));
  SyntheticRun run = SyntheticRun::pair({}, names, 60);  // ten images of each class: ranks 1 to 6, then 1 to 4
  run.outcome = [](std::int64_t item, int, int) {
    Outcome outcome = answer(false, static_cast<int>(item % 6), 6);
    outcome.rank_of_label = static_cast<int>(item / 6 % 6) + 1;
    return outcome;
  };
  const RunSummary six = summary_of(run);
  EXPECT_DOUBLE_EQ(six.score(0, 0).top5.value.value(), 54.0 / 60.0);
  EXPECT_DOUBLE_EQ(six.score(0, 0).top1.value.value(), 12.0 / 60.0);
  const RunSummary two = summary_of(two_class_run());
  EXPECT_FALSE(two.score(0, 0).top5.value);
  EXPECT_NE(two.score(0, 0).top5.method.find("5 classes"), std::string::npos);
}

TEST(Summary, AnImageThatSomeModelCouldNotScoreCountsNowhere) {
  SyntheticRun run = two_class_run();
  const auto outcome = run.outcome;
  run.bad_images = {{10, {"bad.png", 12, "not an image"}}};
  run.outcome = [outcome](std::int64_t item, int model, int variant) -> std::optional<Outcome> {
    if (item == 10) return std::nullopt;                                // recorded as bad
    if (item == 21 && model == 1 && variant == 1) return std::nullopt;  // vanished for one model and variant
    return outcome(item, model, variant);
  };
  const RunSummary summary = summary_of(run);
  EXPECT_EQ(summary.items.scored, 198);
  EXPECT_EQ(summary.items.bad, 1);
  EXPECT_EQ(summary.items.partial, 1);
  EXPECT_EQ(summary.items.pending, 0);
  EXPECT_EQ(summary.score(0, 0).top1.n, 198);
  // Item 10 was wrong and item 21 right for the standard model on clean.
  EXPECT_DOUBLE_EQ(summary.score(0, 0).top1.value.value(), 179.0 / 198.0);
  ASSERT_EQ(summary.bad_images.size(), 1u);
}

TEST(Summary, AnUnfinishedRunIsOverTheFinishedBlocks) {
  SyntheticRun run = two_class_run();
  run.finished_blocks = 3;  // of 4, 50 items each
  const RunSummary summary = summary_of(run);
  EXPECT_FALSE(summary.complete);
  EXPECT_EQ(summary.items.scored, 150);
  EXPECT_EQ(summary.items.pending, 50);
  EXPECT_EQ(summary.items.finished_blocks, 3);
  expect_wilson(summary.score(0, 0).top1, 135, 150);
}

TEST(Summary, ARunWithoutAnyBlockHasReasonsInsteadOfNumbers) {
  SyntheticRun run = two_class_run();
  run.finished_blocks = 0;
  const RunSummary summary = summary_of(run);
  EXPECT_EQ(summary.items.scored, 0);
  for (const VariantScores& scores : summary.scores) {
    for (const Measure* measure : {&scores.top1, &scores.top5, &scores.retained, &scores.agreement, &scores.confidence,
                                   &scores.negative_log_likelihood, &scores.calibration_error}) {
      EXPECT_FALSE(measure->value);
      EXPECT_FALSE(measure->method.empty());
    }
  }
  EXPECT_EQ(summary.pairs[0].verdict, Verdict::not_comparable);
}

TEST(Summary, ImagesWithoutLabelsAreScoredButNotCountedAsRightOrWrong) {
  SyntheticRun run = two_class_run();
  for (std::size_t item = 0; item < 100; ++item) run.description.items[item].label = -1;
  const RunSummary summary = summary_of(run);
  EXPECT_EQ(summary.items.scored, 200);
  EXPECT_EQ(summary.items.labelled, 100);
  EXPECT_EQ(summary.score(0, 0).top1.n, 100);
  EXPECT_EQ(summary.score(0, 0).confidence.n, 200);
}

TEST(Summary, NothingRetainedFromNothing) {
  SyntheticRun run = two_class_run();
  run.outcome = [](std::int64_t item, int, int variant) { return answer(variant == 1, static_cast<int>(item % 2), 2); };
  const RunSummary summary = summary_of(run);
  EXPECT_FALSE(summary.score(0, 1).retained.value);
  EXPECT_EQ(summary.score(0, 1).retained.method, "no clean image is right");
  EXPECT_FALSE(summary.pairs[0].cues.shape_difference.value);
}

TEST(Summary, OneModelHasScoresAndNoPair) {
  SyntheticRun run = two_class_run();
  run.description.models.pop_back();
  const RunSummary summary = summary_of(run);
  EXPECT_TRUE(summary.pairs.empty());
  expect_wilson(summary.score(0, 0).top1, 180, 200);
}

TEST(ChoosePairs, RobustModelsMeetTheStandardOneOfTheirArchitecture) {
  const auto model = [](const char* name, const char* role, const char* architecture) {
    StoredModel stored;
    stored.name = name;
    stored.role = role;
    stored.architecture = architecture;
    return stored;
  };
  const std::vector<StoredModel> models{model("s18", "standard", "resnet18"), model("r50", "robust", "resnet50"),
                                        model("s50", "standard", "resnet50"), model("rx", "robust", "wide"),
                                        model("free", "", "resnet18")};
  using Pairs = std::vector<std::pair<int, int>>;
  EXPECT_EQ(choose_pairs(models, {}), (Pairs{{1, 2}, {3, 0}}));
  EXPECT_EQ(choose_pairs(models, {{"free", "s18"}, {"free", "s18"}}), (Pairs{{4, 0}}));
  EXPECT_THROW(choose_pairs(models, {{"nobody", "s18"}}), UsageError);
  EXPECT_THROW(choose_pairs(models, {{"s18", "s18"}}), UsageError);
  EXPECT_TRUE(choose_pairs({model("r", "robust", "a")}, {}).empty());
}

}  // namespace
}  // namespace cuebench
