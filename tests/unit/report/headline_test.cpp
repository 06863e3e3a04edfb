// The answer depends on intervals: yes, no, undecided, mixed, not comparable.

#include <array>
#include <sstream>

#include <gtest/gtest.h>

#include <cuebench/report/report.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::answer;
using test::SyntheticRun;

/// Shares of 400 images (ten classes) that each model has right: [model][clean, shape kept, texture kept].
using Shares = std::array<std::array<double, 3>, 2>;

SyntheticRun run_with(const Shares& shares, std::vector<StoredVariant> variants = {{"silhouette:a=1", "shape"},
                                                                                   {"patch_shuffle:k=4", "texture"}}) {
  std::vector<std::string> classes;
  for (int i = 0; i < 10; ++i) classes.push_back("class" + std::to_string(i));
  SyntheticRun run = SyntheticRun::pair(std::move(variants), classes, 400);
  run.description.block_size = 400;
  run.outcome = [shares](std::int64_t item, int model, int variant) {
    return answer(static_cast<double>(item / 10 % 40) < 40 * shares[model][variant], static_cast<int>(item % 10), 10);
  };
  return run;
}

PairComparison compare(const SyntheticRun& run) {
  const test::TemporaryFolder folder;
  return summarise(run.store(folder.path())).pairs.at(0);
}

TEST(Headline, SaysYesWhenMoreIsKeptWithoutTextureAndLessWithoutShape) {
  const PairComparison pair = compare(run_with({{{0.9, 0.3, 0.6}, {0.8, 0.5, 0.2}}}));
  EXPECT_EQ(pair.verdict, Verdict::more_shape);
  EXPECT_EQ(pair.sentence.find("Yes: robust decides more by shape, relative to texture, than standard"), 0u);
  // 0.5 / 0.8 and 0.3 / 0.9.
  EXPECT_NE(pair.sentence.find("keeps 62.5 % of its clean accuracy against 33.3 % for standard, +29.2 points"),
            std::string::npos)
      << pair.sentence;
  EXPECT_NE(pair.sentence.find("95 % interval"), std::string::npos);
  EXPECT_NEAR(pair.cues.shape_difference.value.value(), 0.5 / 0.8 - 0.3 / 0.9, 1e-12);
  EXPECT_NEAR(pair.cues.texture_difference.value.value(), 0.2 / 0.8 - 0.6 / 0.9, 1e-12);
  EXPECT_NEAR(pair.cues.contrast.value.value(), (0.5 / 0.8 - 0.3 / 0.9) - (0.2 / 0.8 - 0.6 / 0.9), 1e-12);
}

TEST(Headline, SaysNoWhenItIsTheReverse) {
  const PairComparison pair = compare(run_with({{{0.9, 0.6, 0.3}, {0.8, 0.2, 0.5}}}));
  EXPECT_EQ(pair.verdict, Verdict::less_shape);
  EXPECT_EQ(pair.sentence.find("No, the reverse"), 0u) << pair.sentence;
}

TEST(Headline, IsUndecidedWhenBothLoseTheSame) {
  // Both models keep half with either cue: a general difference in accuracy is no difference in cues.
  const PairComparison pair = compare(run_with({{{0.9, 0.45, 0.45}, {0.7, 0.35, 0.35}}}));
  EXPECT_EQ(pair.verdict, Verdict::undecided);
  EXPECT_NE(pair.sentence.find("no difference"), std::string::npos) << pair.sentence;
}

TEST(Headline, ARobustModelThatLosesLessEverywhereIsNotCalledShapeBiased) {
  // +20 points kept with either cue: the contrast is 0.
  const PairComparison pair = compare(run_with({{{0.8, 0.4, 0.4}, {0.8, 0.56, 0.56}}}));
  EXPECT_EQ(pair.verdict, Verdict::undecided) << pair.sentence;
}

TEST(Headline, WithOnlyOneCueRemovedItClaimsOnlyThat) {
  const PairComparison shape = compare(run_with({{{0.9, 0.3, 0}, {0.8, 0.5, 0}}}, {{"silhouette:a=1", "shape"}}));
  EXPECT_EQ(shape.verdict, Verdict::more_shape);
  EXPECT_NE(shape.answer.find("depends less on texture"), std::string::npos) << shape.answer;
  EXPECT_EQ(shape.cues.contrast.method, "no variant keeps only texture");
  const PairComparison texture = compare(run_with({{{0.9, 0.6, 0}, {0.8, 0.3, 0}}}, {{"shuffle:k=4", "texture"}}));
  EXPECT_EQ(texture.verdict, Verdict::more_shape);
  EXPECT_NE(texture.answer.find("depends more on shape"), std::string::npos) << texture.answer;
}

TEST(Headline, WithoutAVariantThatRemovesACueItSaysSo) {
  const PairComparison pair = compare(run_with({{{0.9, 0.8, 0}, {0.8, 0.7, 0}}}, {{"grayscale:w=1", "both"}}));
  EXPECT_EQ(pair.verdict, Verdict::undecided);
  EXPECT_NE(pair.sentence.find("no variant of this run removes only texture or only shape"), std::string::npos);
}

TEST(Headline, AModelAtChanceIsNotComparable) {
  const PairComparison pair = compare(run_with({{{0.9, 0.3, 0.6}, {0.1, 0.1, 0.1}}}));
  EXPECT_EQ(pair.verdict, Verdict::not_comparable);
  EXPECT_NE(pair.sentence.find("robust is not above chance on the clean images (10.0 % right)"), std::string::npos)
      << pair.sentence;
}

TEST(Headline, ModelsWithDifferentClassesAreNotComparable) {
  SyntheticRun run = run_with({{{0.9, 0.3, 0.6}, {0.8, 0.5, 0.2}}});
  run.description.models[1].classes = 16;
  EXPECT_EQ(compare(run).verdict, Verdict::not_comparable);
}

TEST(HeadlineTable, HasOneAlignedLineAVariant) {
  const test::TemporaryFolder folder;
  const RunSummary summary = summarise(run_with({{{0.9, 0.3, 0.6}, {0.8, 0.5, 0.2}}}).store(folder.path()));
  const std::string table = headline_table(summary);
  EXPECT_EQ(table.find(summary.pairs[0].sentence), 0u);
  std::istringstream lines(table);
  std::vector<std::size_t> ends;
  for (std::string line; std::getline(lines, line);) {
    if (line.find('%') == std::string::npos || line.find("  ") == std::string::npos || line.size() > 200) continue;
    ends.push_back(line.find(']'));
  }
  // The header has no ']'; the three variants end their first interval in the same column.
  ASSERT_EQ(ends.size(), 4u) << table;
  EXPECT_EQ(ends[1], ends[2]) << table;
  EXPECT_EQ(ends[2], ends[3]) << table;
  EXPECT_NE(table.find("silhouette  "), std::string::npos) << table;
  EXPECT_NE(table.find("90.0 %"), std::string::npos) << table;
}

TEST(HeadlineTable, WithoutAPairItDescribesEveryModel) {
  const test::TemporaryFolder folder;
  SyntheticRun run = run_with({{{0.9, 0.3, 0.6}, {0.8, 0.5, 0.2}}});
  run.description.models[1].role.clear();
  const std::string table = headline_table(summarise(run.store(folder.path())));
  EXPECT_NE(table.find("standard: 90.0 % of the clean images right; with texture removed it keeps 33.3 % of that"),
            std::string::npos)
      << table;
}

}  // namespace
}  // namespace cuebench
