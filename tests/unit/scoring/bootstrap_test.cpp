// Intervals of kappa and of shape-bias differences.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "../../../src/scoring/image_resampling.hpp"
#include "../../../src/scoring/set_consistency.hpp"
#include "published.hpp"

namespace cuebench::scoring::test {
namespace {

TEST(ImageSubsets, SumsOfEverySubsetAndSegment) {
  // Strata of 3, 2 | 4 images; the middle one of three segments has no image.
  const std::vector<std::uint32_t> segments{0, 0, 2};
  ImageSubsets subsets({3, 2, 4}, segments, 3);
  ASSERT_EQ(subsets.images(), 9u);
  const auto all = subsets.add([](std::size_t) { return true; });
  const auto even = subsets.add([](std::size_t i) { return i % 2 == 0; });
  const auto sums = subsets.observed();
  EXPECT_EQ((std::vector<std::uint32_t>(sums.begin() + all * 3, sums.begin() + all * 3 + 3)),
            (std::vector<std::uint32_t>{5, 0, 4}));
  EXPECT_EQ((std::vector<std::uint32_t>(sums.begin() + even * 3, sums.begin() + even * 3 + 3)),
            (std::vector<std::uint32_t>{3, 0, 2}));
}

TEST(ImageSubsets, ResamplesKeepStrataAndAreTheSameEveryTime) {
  const std::vector<std::uint32_t> segments{0, 1};
  ImageSubsets subsets({300, 5}, segments, 2);
  subsets.add([](std::size_t) { return true; });
  subsets.add([](std::size_t i) { return i < 100; });
  std::vector<std::uint32_t> sums, again;
  double total = 0;
  for (int r = 0; r < 2000; ++r) {
    subsets.resample(7, "set", r, sums);
    ASSERT_EQ(sums[0], 300u);
    ASSERT_EQ(sums[1], 5u);
    total += sums[2];
  }
  // Mean 100, deviation of one draw sqrt(300 / 3 * 2 / 3) = 8.2, of the mean 0.18.
  EXPECT_NEAR(total / 2000, 100, 5 * 0.18);
  subsets.resample(7, "set", 1999, again);
  EXPECT_EQ(sums, again);
  subsets.resample(8, "set", 1999, again);
  EXPECT_NE(sums, again);
}

TEST(Bootstrap, IntervalsOfThePublishedSets) {
  CUEBENCH_REQUIRE_SHARED(published, "data/published");
  ScoreOptions options;
  options.replicates = 2000;
  const Scores scores = score(read_inputs({published / "mvh/cue-conflict"}), options);
  const SetScores& set = scores.sets.at(0);
  for (const PairScores& pair : set.pairs) {
    const Estimate& kappa = pair.consistency.kappa;
    ASSERT_TRUE(kappa.value && kappa.low && kappa.high);
    EXPECT_LE(*kappa.low, *kappa.value);
    EXPECT_GE(*kappa.high, *kappa.value);
    // The asymptotic standard error of Cohen's kappa (Fleiss, Cohen and Everitt 1969); stratified resampling may be
    // somewhat narrower, never wider by much.
    const double n = static_cast<double>(pair.all.n());
    const auto share = [&](std::int64_t count) { return static_cast<double>(count) / n; };
    const double a = share(pair.all.both), b = share(pair.all.only_first), c = share(pair.all.only_second),
                 d = share(pair.all.neither), p1 = a + b, p2 = a + c;
    const double expected = p1 * p2 + (1 - p1) * (1 - p2), k = *kappa.value;
    const double diagonal = a * std::pow(1 - (p1 + p2) * (1 - k), 2) + d * std::pow(1 - (2 - p1 - p2) * (1 - k), 2);
    const double other = std::pow(1 - k, 2) * (b * std::pow(p2 + 1 - p1, 2) + c * std::pow(p1 + 1 - p2, 2));
    const double error =
        std::sqrt((diagonal + other - std::pow(k - expected * (1 - k), 2)) / (n * std::pow(1 - expected, 2)));
    const double half = (*kappa.high - *kappa.low) / 2;
    EXPECT_GT(half, 0.75 * 1.96 * error) << set.observers[pair.first].name << " " << set.observers[pair.second].name;
    EXPECT_LT(half, 1.15 * 1.96 * error) << set.observers[pair.first].name << " " << set.observers[pair.second].name;
    ASSERT_TRUE(pair.shape_bias_difference && pair.shape_bias_difference->value);
    EXPECT_NEAR(*pair.shape_bias_difference->value,
                *set.observers[pair.first].cues->bias.value - *set.observers[pair.second].cues->bias.value, 1e-12);
    EXPECT_TRUE(pair.shape_bias_difference->low);
  }
  const Scores again = score(read_inputs({published / "mvh/cue-conflict"}), options);
  EXPECT_EQ(again.sets[0].pairs[5].consistency.kappa.low, set.pairs[5].consistency.kappa.low);
  options.seed = 1;
  const Scores other = score(read_inputs({published / "mvh/cue-conflict"}), options);
  EXPECT_NE(other.sets[0].pairs[5].consistency.kappa.low, set.pairs[5].consistency.kappa.low);
  EXPECT_NEAR(*other.sets[0].pairs[5].consistency.kappa.low, *set.pairs[5].consistency.kappa.low, 0.02);
}

TEST(Categories, NameWhatTheEvaluationCalls16Classes) {
  std::ifstream file(std::filesystem::path(CUEBENCH_SOURCE_DIR) / "src/evaluation/resources/imagenet16.txt");
  ASSERT_TRUE(file);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') names.push_back(line.substr(0, line.find(' ')));
  ASSERT_EQ(names.size(), static_cast<std::size_t>(kCategories));
  for (int category = 0; category < kCategories; ++category) {
    EXPECT_EQ(names[category], category_name(category));
    EXPECT_EQ(category_index(names[category]), category);
  }
}

}  // namespace
}  // namespace cuebench::scoring::test
