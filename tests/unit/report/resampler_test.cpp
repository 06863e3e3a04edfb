// The shared draws: keyed, paired, and of the right spread.

#include "../../../src/report/resampler.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace cuebench {
namespace {

std::vector<double> replicate_sums(const std::vector<double>& values, std::string_view stratum,
                                   std::uint64_t seed = 0) {
  std::vector<double> sums;
  resample_stratum(values, 1, stratum, {2000, 0.95, seed},
                   [&](int, std::span<const double> total) { sums.push_back(total[0]); });
  return sums;
}

TEST(Resampler, MeanAndSpreadOfTheSumsAreThoseOfTheBootstrap) {
  std::vector<double> values(100);
  std::iota(values.begin(), values.end(), 0.0);
  const std::vector<double> sums = replicate_sums(values, "s");
  const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) / 2000;
  double m2 = 0;
  for (const double sum : sums) m2 += (sum - mean) * (sum - mean);
  // Sum of 100 draws from 0..99: mean 4950, variance 100 * (100^2 - 1) / 12. Standard error of the mean: 6.5, of the
  // deviation: 1.6 %.
  const double deviation = std::sqrt(100 * 9999.0 / 12);
  EXPECT_NEAR(mean, 4950, 4 * deviation / std::sqrt(2000.0));
  EXPECT_NEAR(std::sqrt(m2 / 1999), deviation, 0.07 * deviation);
}

TEST(Resampler, DrawsDependOnSeedAndStratumOnly) {
  const std::vector<double> values{1, 2, 4, 8, 16, 32, 64, 128};
  EXPECT_EQ(replicate_sums(values, "a"), replicate_sums(values, "a"));
  EXPECT_NE(replicate_sums(values, "a"), replicate_sums(values, "b"));
  EXPECT_NE(replicate_sums(values, "a"), replicate_sums(values, "a", 1));
  // The same draws for other values: doubling every value doubles every sum.
  std::vector<double> doubled = values;
  for (double& value : doubled) value *= 2;
  std::vector<double> sums = replicate_sums(values, "a");
  for (double& sum : sums) sum *= 2;
  EXPECT_EQ(replicate_sums(doubled, "a"), sums);
}

TEST(Resampler, UnitsHoldConsecutiveImagesOfAStratum) {
  std::vector<int> labels;  // 24 images of class 0, 26 of class 1, one without a label
  for (int i = 0; i < 48; ++i) labels.push_back(i % 2);
  labels.insert(labels.end(), {-1, 1, 1});
  const Strata strata = stratify(labels);
  ASSERT_EQ(strata.count, 2);
  EXPECT_TRUE(strata.by_class);
  const ResamplingUnits one(strata, 100);
  EXPECT_EQ(one.images_per_unit(), 1);
  EXPECT_EQ(one.units_of_stratum(), (std::vector<int>{24, 26}));
  const ResamplingUnits two(strata, 25);
  EXPECT_EQ(two.images_per_unit(), 2);
  EXPECT_EQ(two.units_of_stratum(), (std::vector<int>{12, 13}));
  EXPECT_EQ(two.unit_of(48), -1);
  EXPECT_EQ(two.unit_of(2), 0);
  EXPECT_EQ(two.unit_of(4), 1);
}

TEST(Resampler, AStratumKeepsEnoughUnitsToVary) {
  std::vector<int> labels;
  for (int i = 0; i < 50; ++i) labels.push_back(i % 2);  // 25 images a class
  const ResamplingUnits units(stratify(labels), 4);      // 13 images a unit would leave two units a class
  EXPECT_EQ(units.images_per_unit(), 3);
  EXPECT_EQ(units.units_of_stratum(), (std::vector<int>{9, 9}));
}

TEST(Strata, OneSmallClassMeansOneStratum) {
  std::vector<int> labels(20, 0);
  labels.resize(27, 1);  // 7 of class 1
  EXPECT_FALSE(stratify(labels).by_class);
  EXPECT_EQ(stratify(labels).count, 1);
  labels.push_back(1);
  EXPECT_TRUE(stratify(labels).by_class);
  EXPECT_EQ(stratify(labels).items, 28);
  EXPECT_EQ(stratify(std::vector<int>{-1, -1}).count, 0);
}

TEST(Percentiles, TooManyUndefinedReplicatesLeaveNoInterval) {
  const ResamplingPlan plan{100, 0.9, 0};
  std::vector<double> replicates(100);
  std::iota(replicates.begin(), replicates.end(), 0.0);
  const Measure whole = percentile_measure(50.0, replicates, 7, plan, "how");
  EXPECT_NEAR(whole.low.value(), 4.95, 1e-12);  // 5 % of the way through 0..99
  EXPECT_NEAR(whole.high.value(), 94.05, 1e-12);
  EXPECT_EQ(whole.method, "how");
  EXPECT_EQ(whole.n, 7);
  for (int i = 0; i < 6; ++i) replicates[i] = std::nan("");
  const Measure without = percentile_measure(50.0, replicates, 7, plan, "how");
  EXPECT_TRUE(without.value);
  EXPECT_FALSE(without.low);
  EXPECT_NE(without.method, "how");
  EXPECT_FALSE(percentile_measure(std::nullopt, replicates, 7, plan, "why").value);
}

}  // namespace
}  // namespace cuebench
