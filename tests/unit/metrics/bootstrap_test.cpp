#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/metrics/bootstrap.hpp>
#include <cuebench/metrics/class_correlation.hpp>

namespace cuebench {
namespace {

using Counts = std::vector<std::int64_t>;
const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Every replicate's pooled counts (the last call of the statistic is for the data themselves).
std::vector<Counts> replicates_of(const CategoryCounts& counts, int replicates, std::string_view purpose = "test",
                                  std::uint64_t seed = 0) {
  std::vector<Counts> drawn;
  bootstrap_counts(counts,
                   [&drawn](std::span<const std::int64_t> pooled) {
                     drawn.emplace_back(pooled.begin(), pooled.end());
                     return 0.0;
                   },
                   purpose, {.replicates = replicates, .seed = seed});
  drawn.pop_back();
  return drawn;
}

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double deviation_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double square = 0;
  for (const double value : x) square += (value - mean) * (value - mean);
  return std::sqrt(square / static_cast<double>(x.size()));
}

/// Accuracy on the variant over accuracy on clean; categories 2 * correct on clean + correct on variant.
double retained(std::span<const std::int64_t> k) {
  return k[2] + k[3] == 0 ? kNan : static_cast<double>(k[1] + k[3]) / static_cast<double>(k[2] + k[3]);
}

TEST(BootstrapCounts, DrawsTheMultinomialDistributionOfSmallStrataExactly) {
  // 4 items in 3 categories: all 15 outcomes against their probabilities, chi-square with 14 degrees of freedom.
  const Counts counts{2, 1, 1};
  const int replicates = 200000;
  std::map<Counts, int> seen;
  for (const auto& drawn : replicates_of({counts}, replicates)) ++seen[drawn];
  double chi_square = 0;
  int outcomes = 0;
  for (int a = 0; a <= 4; ++a) {
    for (int b = 0; a + b <= 4; ++b) {
      const int c = 4 - a - b;
      const double ways = std::tgamma(5.0) / (std::tgamma(a + 1.0) * std::tgamma(b + 1.0) * std::tgamma(c + 1.0));
      const double expected = replicates * ways * std::pow(0.5, a) * std::pow(0.25, b) * std::pow(0.25, c);
      const double off = seen[{a, b, c}] - expected;
      chi_square += off * off / expected;
      ++outcomes;
    }
  }
  EXPECT_EQ(outcomes, 15);
  EXPECT_EQ(seen.size(), 15u);
  EXPECT_LT(chi_square, 54.0);  // exceeded once in a million by a right sampler; the seed is fixed
}

TEST(BootstrapCounts, MeansAndCovariancesAreThoseOfTheMultinomialAtEverySize) {
  // Sizes on both sides of the limit between tables and Boost's method, with a rare, an empty and a frequent category.
  for (const std::int64_t n : {1, 7, 127, 128, 129, 130, 1000, 100000}) {
    const std::int64_t rare = n / 50, half = n / 2;
    const Counts counts{rare, half, 0, n - rare - half};
    const int replicates = 20000;
    const auto drawn = replicates_of({counts}, replicates);
    const double size = static_cast<double>(n);
    for (std::size_t k = 0; k < 4; ++k) {
      for (std::size_t l = k; l < 4; ++l) {
        const double mean_k = static_cast<double>(counts[k]), mean_l = static_cast<double>(counts[l]);
        const double pk = mean_k / size, pl = mean_l / size;
        double sum = 0, product = 0;
        for (const auto& d : drawn) {
          ASSERT_EQ(std::accumulate(d.begin(), d.end(), std::int64_t{0}), n);
          sum += static_cast<double>(d[k]);
          product += (static_cast<double>(d[k]) - mean_k) * (static_cast<double>(d[l]) - mean_l);
        }
        const double covariance = k == l ? mean_k * (1 - pk) : -mean_k * pl;
        // Six standard errors: of a mean, and of a covariance of nearly normal variables (kurtosis of a rare count:
        // +1).
        EXPECT_NEAR(sum / replicates, mean_k, 6 * std::sqrt(mean_k * (1 - pk) / replicates) + 1e-12) << n;
        const double scale = size * std::sqrt(pk * (1 - pk) * pl * (1 - pl));
        EXPECT_NEAR(product / replicates, covariance, 6 * std::sqrt(3.0 / replicates) * scale + 1e-12) << n << k << l;
      }
    }
  }
}

TEST(BootstrapCounts, AgreesWithResamplingItemsOneByOne) {
  const CategoryCounts counts{{10, 5, 15, 70}, {40, 2, 30, 28}, {3, 0, 4, 43}, {0, 0, 60, 140}};
  const Estimate fast = bootstrap_counts(counts, retained, "retained", {});

  std::mt19937_64 random(1);
  std::vector<double> replicates;
  for (int r = 0; r < 10000; ++r) {
    Counts pooled(4);
    for (const Counts& stratum : counts) {
      std::vector<int> items;
      for (int k = 0; k < 4; ++k) items.insert(items.end(), static_cast<std::size_t>(stratum[k]), k);
      std::uniform_int_distribution<std::size_t> any(0, items.size() - 1);
      for (std::size_t i = 0; i < items.size(); ++i) ++pooled[static_cast<std::size_t>(items[any(random)])];
    }
    replicates.push_back(retained(pooled));
  }
  std::sort(replicates.begin(), replicates.end());
  // The 2.5 % point of B = 10,000 normal replicates has a standard error of sqrt(.025 .975 / B) / 0.0584 = 0.027
  // deviations; two such, five times: 0.19.
  const double tolerance = 0.19 * deviation_of(replicates);
  EXPECT_NEAR(*fast.low, sorted_quantile(replicates, 0.025), tolerance);
  EXPECT_NEAR(*fast.high, sorted_quantile(replicates, 0.975), tolerance);
  EXPECT_DOUBLE_EQ(*fast.value, 288.0 / 390.0);
  EXPECT_EQ(fast.n, 450);
  EXPECT_EQ(fast.method, "percentile bootstrap 95%, 10000 replicates");
}

TEST(BootstrapCounts, StrataKeepTheirSizes) {
  // A class that is always right and one that never is: without strata the accuracy would vary.
  const CategoryCounts counts{{0, 30}, {10, 0}};
  const auto accuracy = [](std::span<const std::int64_t> k) {
    return static_cast<double>(k[1]) / static_cast<double>(k[0] + k[1]);
  };
  const Estimate estimate = bootstrap_counts(counts, accuracy, "accuracy", {});
  EXPECT_EQ(estimate.low, 0.75);
  EXPECT_EQ(estimate.high, 0.75);
}

TEST(BootstrapCounts, DependsOnSeedAndPurposeAndOnNothingElse) {
  const CategoryCounts counts{{100, 200, 50}, {20, 20, 20}};
  const auto first = replicates_of(counts, 50, "accuracy of a under blur");
  EXPECT_EQ(replicates_of(counts, 50, "accuracy of a under blur"), first);
  EXPECT_NE(replicates_of(counts, 50, "accuracy of b under blur"), first);
  const auto longer = replicates_of(counts, 60, "accuracy of a under blur");
  EXPECT_TRUE(std::equal(first.begin(), first.end(), longer.begin()));
  EXPECT_NE(replicates_of(counts, 50, "accuracy of a under blur", 1), first);
}

TEST(BootstrapCounts, GivesNoIntervalWhereReplicatesAreUndefined) {
  // One item in 30 makes the ratio defined: (29/30)^30 = 36 % of the replicates have none.
  const Estimate estimate = bootstrap_counts({{29, 0, 0, 1}}, retained, "p", {});
  EXPECT_TRUE(estimate.value);
  EXPECT_FALSE(estimate.low || estimate.high);
  EXPECT_NE(estimate.method.find("of 10000 bootstrap replicates undefined"), std::string::npos) << estimate.method;
  // Four in 30: 1.4 % have none; the interval stands and says so.
  const Estimate some = bootstrap_counts({{26, 0, 0, 4}}, retained, "p", {});
  EXPECT_TRUE(some.low && some.high);
  EXPECT_NE(some.method.find(" undefined"), std::string::npos) << some.method;
  const Estimate none = bootstrap_counts({{30, 0, 0, 0}}, retained, "p", {});
  EXPECT_FALSE(none.value || none.low || none.high);
  EXPECT_EQ(none.method, "undefined on these data");
  EXPECT_EQ(bootstrap_counts({}, retained, "p", {}).method, "undefined: no items");
  EXPECT_EQ(bootstrap_counts({{0, 0, 0, 0}}, retained, "p", {}).method, "undefined: no items");
}

TEST(BootstrapCounts, RefusesWhatIsNoTable) {
  EXPECT_THROW(bootstrap_counts({{1, 2}, {1}}, retained, "p", {}), std::invalid_argument);
  EXPECT_THROW(bootstrap_counts({{-1, 2}}, [](auto) { return 0.0; }, "p", {}), std::invalid_argument);
  EXPECT_THROW(bootstrap_counts({{1, 2}}, [](auto) { return 0.0; }, "p", {.replicates = 0}), std::invalid_argument);
}

std::vector<BootstrapUnit> units_of(const std::vector<std::vector<double>>& strata) {
  std::vector<BootstrapUnit> units;
  for (std::size_t s = 0; s < strata.size(); ++s)
    for (const double value : strata[s]) units.push_back({static_cast<int>(s), {value, 1}});
  return units;
}

std::vector<double> totals_of(const std::vector<BootstrapUnit>& units, std::string_view purpose) {
  std::vector<double> totals;
  bootstrap_sums(units,
                 [&totals](std::span<const double> sums) {
                   totals.push_back(sums[0]);
                   return sums[0];
                 },
                 purpose, {.replicates = 2000});
  totals.erase(totals.begin());  // the data themselves
  return totals;
}

TEST(BootstrapSums, ReplicatesHaveTheMeanAndVarianceOfResampling) {
  const std::vector<std::vector<double>> strata{{1, 2, 3, 4, 5, 6, 7, 50}, {-3, 0, 0, 0, 1, 1, 1, 9, 12}};
  const auto totals = totals_of(units_of(strata), "p");
  double mean = 0, variance = 0;  // of the sum of n draws from each stratum: n mean, n variance
  for (const auto& stratum : strata) {
    const double n = static_cast<double>(stratum.size());
    mean += n * mean_of(stratum);
    variance += n * deviation_of(stratum) * deviation_of(stratum);
  }
  // Five standard errors of 2000 replicates.
  EXPECT_NEAR(mean_of(totals), mean, 5 * std::sqrt(variance / 2000));
  EXPECT_NEAR(deviation_of(totals), std::sqrt(variance), 5 * std::sqrt(variance / 2 / 2000));
}

TEST(BootstrapSums, EqualPurposeDrawsTheSameUnitsSoThatDifferencesArePaired) {
  const auto totals = totals_of(units_of({{1, 2, 3, 4, 5, 6, 7, 8}, {0, 0, 0, 0, 0, 0, 0, 0}}), "layer");
  auto shifted = totals_of(units_of({{11, 12, 13, 14, 15, 16, 17, 18}, {0, 0, 0, 0, 0, 0, 0, 0}}), "layer");
  for (double& total : shifted) total -= 80;
  EXPECT_EQ(shifted, totals);
  EXPECT_EQ(totals_of(units_of({{1, 2, 3, 4, 5, 6, 7, 8}}), "layer"), totals);  // without the other stratum
  EXPECT_NE(totals_of(units_of({{1, 2, 3, 4, 5, 6, 7, 8}}), "another layer"), totals);
}

TEST(BootstrapSums, GivesNoIntervalFromTooFewUnits) {
  const auto ratio = [](std::span<const double> sums) { return sums[0] / sums[1]; };
  const Estimate few = bootstrap_sums(units_of({{1, 2, 3, 4, 5, 6, 7}}), ratio, "p", {});
  EXPECT_EQ(few.value, 4.0);
  EXPECT_FALSE(few.low || few.high);
  EXPECT_NE(few.method.find("7 blocks"), std::string::npos) << few.method;
  const Estimate enough = bootstrap_sums(units_of({{1, 2, 3, 4, 5, 6, 7}}), ratio, "p", {}, 7);
  EXPECT_TRUE(enough.low && *enough.low < 4.0 && *enough.high > 4.0);
  EXPECT_EQ(enough.n, 7);
  EXPECT_EQ(bootstrap_sums({}, ratio, "p", {}).method, "undefined: no units");
}

TEST(SortedQuantile, IsLinearBetweenOrderStatistics) {
  const std::vector<double> values{1, 2, 4, 8};
  EXPECT_EQ(sorted_quantile(values, 0), 1);
  EXPECT_EQ(sorted_quantile(values, 1), 8);
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 0.5), 3);    // numpy.quantile([1, 2, 4, 8], .5)
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 0.9), 6.8);  // numpy.quantile([1, 2, 4, 8], .9)
  EXPECT_THROW(sorted_quantile({}, 0.5), std::invalid_argument);
}

TEST(ClassCorrelation, NeedsThreeClassesWithBothValues) {
  const std::vector<std::optional<double>> x{1, 2, {}, 4}, y{1, {}, 3, 2};
  const auto none = correlate_classes(x, y, "p", {.replicates = 10});
  EXPECT_FALSE(none.pearson.value || none.spearman.value);
  EXPECT_EQ(none.pearson.n, 2);
  EXPECT_NE(none.pearson.method.find("fewer than 3"), std::string::npos);
  const std::vector<std::optional<double>> constant{5, 5, 5, 5};
  EXPECT_FALSE(correlate_classes(constant, {{1., 2., 3., 4.}}, "p", {.replicates = 10}).pearson.value);
}

TEST(ClassCorrelation, IntervalsAreWideWithFewClassesAndContainTheValue) {
  std::vector<std::optional<double>> x, y;
  for (int k = 0; k < 10; ++k) {
    x.push_back(k);
    y.push_back(k + 3 * std::sin(5.0 * k));
  }
  const auto correlation = correlate_classes(x, y, "p", {.replicates = 2000});
  for (const Estimate& e : {correlation.pearson, correlation.spearman}) {
    ASSERT_TRUE(e.value && e.low && e.high);
    EXPECT_LT(*e.low, *e.value);
    EXPECT_GT(*e.high, *e.value);
    EXPECT_GT(*e.high - *e.low, 0.1);
  }
}

}  // namespace
}  // namespace cuebench
