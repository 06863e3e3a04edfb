#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/metrics/correlation.hpp>

namespace cuebench {
namespace {

using Values = std::vector<double>;

TEST(Correlation, IsAbsentWhereItIsUndefined) {
  EXPECT_FALSE(pearson(Values{}, Values{}));
  EXPECT_FALSE(pearson(Values{1}, Values{2}));
  EXPECT_FALSE(pearson(Values{0.1, 0.1, 0.1}, Values{1, 2, 3}));  // the rounded mean of 0.1s is not 0.1
  EXPECT_FALSE(spearman(Values{1, 2}, Values{2, 1}));
  EXPECT_FALSE(spearman(Values{1, 2, 3}, Values{5, 5, 5}));
  EXPECT_FALSE(cosine(Values{0, 0}, Values{1, 2}));
  EXPECT_FALSE(cosine(Values{}, Values{}));
  EXPECT_TRUE(pearson(Values{1, 2}, Values{2, 1}));
}

TEST(Correlation, NeverReturnsNotANumber) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -infinity}) {
    const Values x{1, bad, 3}, y{3, 1, 2};
    EXPECT_FALSE(pearson(x, y));
    EXPECT_FALSE(spearman(x, y));
    EXPECT_FALSE(cosine(x, y));
  }
}

TEST(Correlation, SurvivesHugeAndTinyScales) {
  const Values x{1e300, 2e300, 4e300}, y{1e-300, 2e-300, 4e-300};
  EXPECT_NEAR(*pearson(x, y), 1, 1e-15);
  EXPECT_NEAR(*cosine(x, y), 1, 1e-15);
}

TEST(Correlation, RefusesVectorsOfUnequalSize) {
  EXPECT_THROW(pearson(Values{1, 2}, Values{1}), std::invalid_argument);
  EXPECT_THROW(spearman(Values{1, 2}, Values{1}), std::invalid_argument);
  EXPECT_THROW(cosine(Values{1, 2}, Values{1}), std::invalid_argument);
}

TEST(AverageRanks, ShareTheMeanAmongTies) {
  EXPECT_EQ(average_ranks(Values{10, 20, 10, 5, 10}), (Values{3, 5, 3, 1, 3}));
}

RC_GTEST_PROP(AverageRanks, SumToTheTriangleNumber, (const std::vector<int>& raw)) {
  const Values x(raw.begin(), raw.end());
  double sum = 0;
  for (const double rank : average_ranks(x)) sum += rank;
  const double n = static_cast<double>(x.size());
  RC_ASSERT(sum == n * (n + 1) / 2);  // halves: exact
}

RC_GTEST_PROP(Spearman, DoesNotChangeUnderIncreasingMaps, ()) {
  const auto raw =
      *rc::gen::container<Values>(rc::gen::map(rc::gen::inRange(-30, 30), [](int v) { return double(v); }));
  Values y, mapped;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    y.push_back(static_cast<double>((i * 7919) % 13));
    mapped.push_back(std::exp(raw[i] / 10));
  }
  RC_ASSERT(spearman(raw, y) == spearman(mapped, y));
}

}  // namespace
}  // namespace cuebench
