// Values of categories against numbers computed by hand, and the ties.

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/metrics/aggregation.hpp>

namespace cuebench {
namespace {

using Members = std::vector<std::vector<int>>;

std::vector<double> values_of(const std::vector<float>& logits, const Members& members, Aggregation aggregation) {
  return aggregate(logits, softmax(logits), members, aggregation);
}

int decision(const std::vector<float>& logits, const Members& members, Aggregation aggregation) {
  std::vector<int> order(members.size());
  std::iota(order.begin(), order.end(), 0);
  return decide(values_of(logits, members, aggregation), order);
}

float log_of(double p) {
  return static_cast<float>(std::log(p));
}

/// Probabilities .12 .12 .12 | .25 | .30 .01 | .08, the last of no category: sum .36 .25 .31, mean .12 .25 .155,
/// max .12 .25 .30.
const std::vector<float> kLogits{log_of(.12), log_of(.12), log_of(.12), log_of(.25),
                                 log_of(.30), log_of(.01), log_of(.08)};
const Members kMembers{{0, 1, 2}, {3}, {4, 5}};

TEST(Aggregation, EachWayDecidesForAnotherCategory) {
  EXPECT_EQ(decision(kLogits, kMembers, Aggregation::mean), 1);
  EXPECT_EQ(decision(kLogits, kMembers, Aggregation::sum), 0);
  EXPECT_EQ(decision(kLogits, kMembers, Aggregation::max), 2);
  EXPECT_EQ(decision(kLogits, kMembers, Aggregation::logsumexp), 0);
}

TEST(Aggregation, ValuesAreThoseComputedByHandWithTheSoftmaxOverAllOutputs) {
  const auto expect = [](Aggregation aggregation, const std::vector<double>& wanted) {
    const auto found = values_of(kLogits, kMembers, aggregation);
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(found[k], wanted[k], 1e-7) << to_string(aggregation);
  };
  expect(Aggregation::mean, {.12, .25, .155});
  expect(Aggregation::sum, {.36, .25, .31});
  expect(Aggregation::max, {.12, .25, .30});
  expect(Aggregation::logsumexp, {std::log(.36), std::log(.25), std::log(.31)});
}

TEST(Aggregation, ACategoryWithoutOutputsIsNeverDecidedFor) {
  const Members members{{}, {3}, {}};
  for (const Aggregation aggregation : kAggregations) {
    EXPECT_EQ(decision(kLogits, members, aggregation), 1);
    const auto logs = log_values(values_of(kLogits, members, aggregation), aggregation);
    EXPECT_EQ(logs[0], kNoMember);
    EXPECT_TRUE(std::isfinite(logs[1]));
  }
}

TEST(Aggregation, OfEqualCategoriesTheFirstInOrderIsDecidedFor) {
  const std::vector<float> logits{1, 5, 5, 0};
  const Members members{{0}, {1}, {2}, {3}};
  for (const Aggregation aggregation : kAggregations) {
    const auto values = values_of(logits, members, aggregation);
    EXPECT_EQ(decide(values, std::vector<int>{0, 1, 2, 3}), 1);
    EXPECT_EQ(decide(values, std::vector<int>{3, 2, 1, 0}), 2);
  }
}

TEST(Aggregation, LargeLogitsDoNotOverflowAndAVanishingCategoryHasAFiniteLogarithm) {
  const std::vector<float> logits{3e38F, -3e38F, 1.0F};
  const Members members{{0}, {1, 2}};
  for (const Aggregation aggregation : kAggregations) {
    const auto values = values_of(logits, members, aggregation);
    EXPECT_EQ(decide(values, std::vector<int>{0, 1}), 0);
    for (const double log : log_values(values, aggregation)) EXPECT_TRUE(std::isfinite(log));
  }
}

RC_GTEST_PROP(Aggregation, OneOutputACategoryMakesAllFourAlike, ()) {
  std::vector<float> logits;
  for (const int step : *rc::gen::container<std::vector<int>>(6, rc::gen::inRange(-900, 900)))
    logits.push_back(static_cast<float>(step) / 100);
  const Members members{{5}, {4}, {3}, {0}};
  const int mean = decision(logits, members, Aggregation::mean);
  for (const Aggregation aggregation : kAggregations) RC_ASSERT(decision(logits, members, aggregation) == mean);
}

TEST(Aggregation, NamesAreReadBackAndOthersRefused) {
  for (const Aggregation aggregation : kAggregations) EXPECT_EQ(parse_aggregation(to_string(aggregation)), aggregation);
  try {
    parse_aggregation("median");
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "--aggregation 'median' is unknown: choose mean, sum, max or logsumexp");
  }
}

}  // namespace
}  // namespace cuebench
