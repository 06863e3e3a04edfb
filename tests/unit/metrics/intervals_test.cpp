#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/metrics/intervals.hpp>

namespace cuebench {
namespace {

TEST(Wilson, MatchesThePublishedExample) {
  // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611; 1 of 29 gives 0.0061 to
  // 0.1718.
  EXPECT_NEAR(*wilson_interval(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(*wilson_interval(81, 263).high, 0.3662, 5e-5);
  EXPECT_EQ(*wilson_interval(0, 20).low, 0.0);
  EXPECT_NEAR(*wilson_interval(0, 20).high, 0.1611, 5e-5);
  EXPECT_NEAR(*wilson_interval(1, 29).low, 0.0061, 5e-5);
  EXPECT_NEAR(*wilson_interval(1, 29).high, 0.1718, 5e-5);
}

TEST(Intervals, NameTheirMethodAndConfidence) {
  EXPECT_EQ(wilson_interval(1, 2).method, "wilson 95%");
  EXPECT_EQ(clopper_pearson_interval(1, 2, 0.9).method, "clopper-pearson 90%");
}

TEST(Intervals, HaveNoValueWithoutItems) {
  for (const Estimate& none : {wilson_interval(0, 0), clopper_pearson_interval(0, 0)}) {
    EXPECT_FALSE(none.value || none.low || none.high);
    EXPECT_EQ(none.n, 0);
    EXPECT_EQ(none.method, "undefined: no items");
  }
}

TEST(Intervals, RefuseImpossibleCounts) {
  EXPECT_THROW(wilson_interval(3, 2), std::invalid_argument);
  EXPECT_THROW(wilson_interval(-1, 2), std::invalid_argument);
  EXPECT_THROW(clopper_pearson_interval(1, 2, 1.0), std::invalid_argument);
  EXPECT_THROW(mcnemar_exact(-1, 2), std::invalid_argument);
}

RC_GTEST_PROP(Intervals, LieInTheUnitRangeAndContainTheProportion, ()) {
  const auto n = *rc::gen::inRange<std::int64_t>(1, 200000);
  const auto successes = *rc::gen::inRange<std::int64_t>(0, n + 1);
  const double confidence = *rc::gen::inRange(1, 1000) / 1000.0;
  for (const Estimate& e :
       {wilson_interval(successes, n, confidence), clopper_pearson_interval(successes, n, confidence)}) {
    RC_ASSERT(0 <= *e.low && *e.low <= *e.value && *e.value <= *e.high && *e.high <= 1);
  }
}

RC_GTEST_PROP(Wilson, MirrorsWhenSuccessAndFailureAreSwapped, ()) {
  const auto n = *rc::gen::inRange<std::int64_t>(1, 5000);
  const auto successes = *rc::gen::inRange<std::int64_t>(0, n + 1);
  // Rounding of a few units in the last place of numbers below 1.
  RC_ASSERT(std::abs(*wilson_interval(successes, n).low - (1 - *wilson_interval(n - successes, n).high)) < 1e-14);
}

TEST(McNemar, MatchesThePublishedComparisonOfTwoNetworks) {
  // BagNet-33 against ResNet-50 on cue-conflict trials (model-vs-human raw data): 26 and 136 discordant.
  EXPECT_NEAR(mcnemar_exact(26, 136) / 3.510169e-19, 1, 1e-6);  // published with 7 digits
  EXPECT_EQ(mcnemar_exact(26, 136), mcnemar_exact(136, 26));
}

TEST(McNemar, IsOneWithoutEvidence) {
  EXPECT_EQ(mcnemar_exact(0, 0), 1.0);
  EXPECT_EQ(mcnemar_exact(7, 7), 1.0);
  EXPECT_EQ(mcnemar_exact(0, 1), 1.0);
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 5), 2.0 / 32);
}

TEST(Holm, MatchesTheWorkedExample) {
  // m = 4, sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1, then the running maximum.
  const auto adjusted = holm_adjust({0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
  EXPECT_TRUE(holm_adjust({}).empty());
}

RC_GTEST_PROP(Holm, LiesBetweenTheRawAndTheBonferroniValueAndKeepsTheOrder, ()) {
  auto p = *rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 1001), [](int x) { return x / 1000.0; }));
  const auto adjusted = holm_adjust(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT(adjusted[i] >= p[i] && adjusted[i] <= std::min(1.0, static_cast<double>(p.size()) * p[i]));
    for (std::size_t j = 0; j < p.size(); ++j) RC_ASSERT(p[i] > p[j] || adjusted[i] <= adjusted[j]);
  }
}

}  // namespace
}  // namespace cuebench
