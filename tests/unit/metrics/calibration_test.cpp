#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/metrics/calibration.hpp>

namespace cuebench {
namespace {

struct Answer {
  double confidence;
  bool correct;
};

std::vector<Answer> some_answers() {
  std::vector<Answer> answers;
  for (const auto& [thousandths, correct] : *rc::gen::container<std::vector<std::pair<int, bool>>>(
           rc::gen::pair(rc::gen::inRange(0, 1001), rc::gen::arbitrary<bool>())))
    answers.push_back({static_cast<float>(thousandths) / 1000.0f, correct});
  return answers;
}

/// The definition, bin by bin, over (k/15, (k+1)/15].
double calibration_error_by_definition(const std::vector<Answer>& answers) {
  double error = 0;
  for (int k = 0; k < 15; ++k) {
    double n = 0, correct = 0, confidence = 0;
    for (const Answer& answer : answers) {
      const bool above = answer.confidence > k / 15.0 || (k == 0 && answer.confidence == 0);
      if (!above || answer.confidence > (k + 1) / 15.0) continue;
      ++n;
      correct += answer.correct;
      confidence += answer.confidence;
    }
    if (n > 0) error += n / static_cast<double>(answers.size()) * std::abs(correct / n - confidence / n);
  }
  return error;
}

TEST(Calibration, IsAbsentWhenEmpty) {
  EXPECT_FALSE(CalibrationAccumulator().expected_calibration_error());
}

TEST(Calibration, MatchesAHandComputedExample) {
  CalibrationAccumulator bins;
  bins.add(0.95, true);
  bins.add(0.95, false);
  bins.add(0.55, true);
  // Two bins: 2/3 |1/2 - 0.95| + 1/3 |1 - 0.55| = 0.45; confidences are rounded to 2^-37 at most.
  EXPECT_NEAR(*bins.expected_calibration_error(), 0.45, 1e-10);
}

TEST(Calibration, PutsEdgesIntoTheLowerBin) {
  for (int k = 1; k <= 15; ++k) {
    CalibrationAccumulator edge_and_inside;
    edge_and_inside.add(k / 15.0, true);          // upper edge of bin k-1 ...
    edge_and_inside.add(k / 15.0 - 0.01, false);  // ... whose other item this is: one bin
    const double mean = k / 15.0 - 0.005;
    EXPECT_NEAR(*edge_and_inside.expected_calibration_error(), std::abs(0.5 - mean), 1e-10) << k;
  }
}

TEST(Calibration, RefusesWhatIsNoProbability) {
  CalibrationAccumulator bins;
  EXPECT_THROW(bins.add(1.01, true), std::invalid_argument);
  EXPECT_THROW(bins.add(-0.01, true), std::invalid_argument);
  EXPECT_THROW(bins.add(std::nan(""), true), std::invalid_argument);
}

RC_GTEST_PROP(Calibration, MatchesTheDefinition, ()) {
  const auto answers = some_answers();
  RC_PRE(!answers.empty());
  CalibrationAccumulator bins;
  for (const Answer& answer : answers) bins.add(answer.confidence, answer.correct);
  // Each confidence is rounded by at most 2^-37 = 7e-12.
  RC_ASSERT(std::abs(*bins.expected_calibration_error() - calibration_error_by_definition(answers)) < 1e-10);
}

RC_GTEST_PROP(Calibration, AnyOrderAndAnySplitGiveTheSameBits, ()) {
  auto answers = some_answers();
  const auto cut = *rc::gen::inRange<std::size_t>(0, answers.size() + 1);
  CalibrationAccumulator whole, head, tail;
  for (const Answer& answer : answers) whole.add(answer.confidence, answer.correct);
  std::reverse(answers.begin(), answers.end());
  for (std::size_t i = 0; i < answers.size(); ++i)
    (i < cut ? head : tail).add(answers[i].confidence, answers[i].correct);
  tail.merge(head);
  RC_ASSERT(tail == whole);
  RC_ASSERT(tail.expected_calibration_error() == whole.expected_calibration_error());
}

}  // namespace
}  // namespace cuebench
