// The bootstrap that all accuracies share, on indicators whose resamples have known laws.

#include "../../../src/report/accuracy_resamples.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace cuebench {
namespace {

/// 80 images of class 0 and 120 of class 1, mixed, one without a label.
Sample sample_of_two_classes() {
  Sample sample;
  for (int i = 0; i < 200; ++i) sample.labels.push_back(i % 5 < 2 ? 0 : 1);
  sample.labels.push_back(-1);
  sample.strata = stratify(sample.labels);
  return sample;
}

/// One variant; model 0 is right on class 0, model 1 on the rest, model 2 on image 7 alone, model 3 on every third.
VariantOutcomes outcomes_of(const Sample& sample) {
  VariantOutcomes outcomes;
  outcomes.correct.resize(4);
  for (std::size_t item = 0; item < sample.labels.size(); ++item) {
    outcomes.correct[0].push_back(sample.labels[item] == 0);
    outcomes.correct[1].push_back(sample.labels[item] != 0);  // the image without a label too: it must not count
    outcomes.correct[2].push_back(item == 7);
    outcomes.correct[3].push_back(item % 3 == 0);
  }
  return outcomes;
}

class Resamples : public ::testing::Test {
 protected:
  Resamples() : sample_(sample_of_two_classes()), resamples_(sample_, options_) {
    resamples_.add(outcomes_of(sample_));
    resamples_.draw();
  }
  /// Every replicate's value; the last call of a statistic is on the data.
  std::vector<double> values(const std::function<double(const RightCounts&)>& statistic) const {
    std::vector<double> all;
    resamples_.measure([&](const RightCounts& right) {
      all.push_back(statistic(right));
      return all.back();
    });
    return all;
  }
  BootstrapOptions options_;
  Sample sample_;
  AccuracyResamples resamples_;
};

TEST_F(Resamples, EveryReplicateHasAsManyImagesOfEachClass) {
  EXPECT_EQ(resamples_.images(), 200);
  EXPECT_EQ(resamples_.observed()(0, 0), 80);
  EXPECT_EQ(resamples_.observed()(1, 0), 120);
  for (const double value : values([](const RightCounts& right) { return right(0, 0); })) ASSERT_EQ(value, 80);
  for (const double value : values([](const RightCounts& right) { return right(1, 0); })) ASSERT_EQ(value, 120);
}

TEST_F(Resamples, OneImageIsDrawnAsTheBinomialLawSays) {
  std::vector<double> drawn = values([](const RightCounts& right) { return right(2, 0); });
  ASSERT_EQ(drawn.size(), 10001U);
  // Image 7 is one of the 120 of class 1.
  double sum = 0, squares = 0;
  int none = 0;
  for (const double value : drawn) {
    sum += value;
    squares += value * value;
    none += value == 0;
  }
  const double n = static_cast<double>(drawn.size()), mean = sum / n;
  EXPECT_NEAR(mean, 1, 5 * std::sqrt(119.0 / 120 / n));
  EXPECT_NEAR(squares / n - mean * mean, 119.0 / 120, 0.08);
  EXPECT_NEAR(none / n, std::pow(119.0 / 120, 120), 0.025);
}

TEST_F(Resamples, IntervalHasTheStratifiedWidth) {
  const Measure third = resamples_.measure([](const RightCounts& right) { return right(3, 0) / 200; });
  EXPECT_DOUBLE_EQ(third.value.value(), 67.0 / 200);
  // Of 80 and of 120 images; every third of each class up to rounding: variance sum n p (1 - p).
  double variance = 0;
  for (const int label : {0, 1}) {
    double n = 0, right = 0;
    for (int i = 0; i < 200; ++i) {
      n += sample_.labels[static_cast<std::size_t>(i)] == label;
      right += sample_.labels[static_cast<std::size_t>(i)] == label && i % 3 == 0;
    }
    variance += right * (1 - right / n);
  }
  const double half = 1.96 * std::sqrt(variance) / 200;
  EXPECT_NEAR(third.high.value() - third.low.value(), 2 * half, 0.1 * half);
  EXPECT_EQ(third.n, 200);
  EXPECT_EQ(third.method, "paired bootstrap 95%, 10000 replicates, stratified by class");
}

TEST_F(Resamples, ModelsSeeTheSameImages) {
  for (const double value : values([](const RightCounts& right) { return right(3, 0) - right(3, 0); }))
    ASSERT_EQ(value, 0);
  AccuracyResamples again(sample_, options_);
  again.add(outcomes_of(sample_));
  again.draw();
  const auto statistic = [](const RightCounts& right) { return right(3, 0); };
  EXPECT_EQ(again.measure(statistic).low, resamples_.measure(statistic).low);
}

}  // namespace
}  // namespace cuebench
