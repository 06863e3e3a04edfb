// Names and numbers for people: labels, sweeps, UTF-8, rounding.

#include "../../../src/report/text.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "../../../src/report/variant_label.hpp"
#include "../../../src/report/variant_sweep.hpp"

namespace cuebench {
namespace {

RunDescription run_of(const std::vector<std::string>& variants) {
  RunDescription run;
  run.variants.push_back({"clean", "both"});
  for (const std::string& text : variants) run.variants.push_back({text, "shape"});
  return run;
}

TEST(VariantLabels, HaveOnlyTheParametersThatTellVariantsApart) {
  const RunDescription run = run_of({"edges:method=canny,sigma=2", "patch_shuffle:k=2,layout=cells",
                                     "patch_shuffle:k=4,layout=cells", "grayscale:w=1+patch_shuffle:k=4,layout=cells"});
  EXPECT_EQ(variant_labels(run), (std::vector<std::string>{"clean", "edges", "patch_shuffle k=2", "patch_shuffle k=4",
                                                           "grayscale + patch_shuffle"}));
}

TEST(VariantLabels, AlwaysSayHowLargeAnAttackIs) {
  EXPECT_EQ(variant_labels(run_of({"fgsm:epsilon=8/255,random_start=no", "grey:w=1+fgsm:epsilon=8/255"})),
            (std::vector<std::string>{"clean", "fgsm epsilon=8/255", "grey + fgsm epsilon=8/255"}));
}

TEST(VariantLabels, FallBackToTheWholeTextWhenShortNamesMeet) {
  const RunDescription run = run_of({"::", "::"});
  EXPECT_EQ(variant_labels(run), (std::vector<std::string>{"clean", "::", "::"}));
}

TEST(Sweeps, AreVariantsThatDifferInOneNumber) {
  const RunDescription run = run_of({"saturate:p=1024", "saturate:p=8", "saturate:p=64", "edges:method=canny,sigma=1",
                                     "edges:method=find,sigma=2", "noise:w=0.5", "shuffle:k=2,layout=a",
                                     "shuffle:k=8,layout=a", "shuffle:k=4,layout=b"});
  const std::vector<VariantSweep> sweeps = find_sweeps(run);
  ASSERT_EQ(sweeps.size(), 2u);
  EXPECT_EQ(sweeps[0].transforms, "saturate");
  EXPECT_EQ(sweeps[0].parameter, "p");
  EXPECT_TRUE(sweeps[0].logarithmic);
  EXPECT_EQ(sweeps[0].points, (std::vector<std::pair<double, int>>{{8, 2}, {64, 3}, {1024, 1}}));
  EXPECT_EQ(sweeps[1].family, "shuffle:k=*,layout=a");
  EXPECT_FALSE(sweeps[1].logarithmic);
}

TEST(Sweeps, ReadFractionsAndLeaveInfinityOut) {
  const RunDescription run = run_of({"pgd:epsilon=2/255", "pgd:epsilon=8/255", "pgd:epsilon=inf"});
  const std::vector<VariantSweep> sweeps = find_sweeps(run);
  ASSERT_EQ(sweeps.size(), 1u);
  EXPECT_EQ(sweeps[0].points.size(), 2u);
  EXPECT_DOUBLE_EQ(sweeps[0].points[0].first, 2.0 / 255);
  EXPECT_EQ(sweeps[0].values, (std::vector<std::string>{"2/255", "8/255"}));
}

TEST(Sweeps, TakeEachVariantOnceInTheLargestFamily) {
  const RunDescription run = run_of({"t:a=1,b=1", "t:a=2,b=1", "t:a=3,b=1", "t:a=1,b=2"});
  const std::vector<VariantSweep> sweeps = find_sweeps(run);
  ASSERT_EQ(sweeps.size(), 1u);
  EXPECT_EQ(sweeps[0].parameter, "a");
  EXPECT_EQ(sweeps[0].points.size(), 3u);
}

TEST(Text, RoundsWithATrueMinusAndNoNegativeZero) {
  EXPECT_EQ(decimal(-1.25, 1), "\u22121.2");  // half to even in binary: 1.25 is exact
  EXPECT_EQ(decimal(-0.01, 1), "0.0");
  Measure measure;
  measure.value = 0.1234;
  measure.low = -0.001;
  measure.high = 0.25;
  EXPECT_EQ(percent_with_interval(measure), "12.3 % (\u22120.1 to 25.0)");
  EXPECT_EQ(points_with_interval(measure), "+12.3 points (95 % interval \u22120.1 to +25.0)");
  EXPECT_EQ(side_of_zero(measure), 0);
  measure.low = 0.001;
  EXPECT_EQ(side_of_zero(measure), 1);
  EXPECT_EQ(percent(Measure{}), "n/a");
  EXPECT_EQ(p_value(0.0004), "p < 0.001");
  EXPECT_EQ(p_value(0.0316), "p = 0.032");
}

TEST(Text, ListsNamesOnce) {
  const RunDescription run =
      run_of({"saturate:p=8", "saturate:p=64", "edges:s=1", "stylize:c=1", "grey:w=1+edges:s=1"});
  const std::vector<int> all{1, 2, 3, 4, 5};
  EXPECT_EQ(list_variants(all, run, 4), "saturate, edges, stylize and grey+edges");
  EXPECT_EQ(list_variants(all, run, 2), "saturate, edges and 2 more");
  EXPECT_EQ(join_names({"a"}), "a");
}

TEST(Text, GroupsShowFamiliesTogetherByAscendingParameters) {
  RunDescription run =
      run_of({"silhouette:m=1", "saturate:p=8", "saturate:p=1024", "edges:s=1", "saturate:p=64", "x:a=1"});
  run.variants[6].keeps = "something new";
  EXPECT_EQ(variants_of_group(run, "shape"), (std::vector<int>{1, 2, 5, 3, 4}));
  EXPECT_EQ(variants_of_group(run, "neither"), (std::vector<int>{6}));
}

TEST(Text, AttacksHaveAGroupOfTheirOwnAndFractionsStandByValue) {
  RunDescription run = run_of({"pgd:epsilon=16/255,steps=20", "pgd:epsilon=2/255,steps=20", "pgd:epsilon=0.02,steps=20",
                               "pgd:epsilon=1/8,steps=20", "edges:s=1", "pgd:epsilon=0.5/255,steps=20"});
  for (StoredVariant& variant : run.variants)
    if (variant.text.starts_with("pgd")) variant.keeps = "adversarial";
  EXPECT_EQ(variants_of_group(run, "adversarial"), (std::vector<int>{6, 2, 3, 1, 4}));
  EXPECT_EQ(variants_of_group(run, "shape"), (std::vector<int>{5}));
  EXPECT_TRUE(variants_of_group(run, "neither").empty());
  EXPECT_TRUE(std::any_of(cue_groups().begin(), cue_groups().end(),
                          [](const CueGroup& group) { return group.keeps == "adversarial"; }));
}

TEST(Text, InvalidUtf8IsReplacedByteByByte) {
  EXPECT_EQ(valid_utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(valid_utf8("\xC0\xAF"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("gr\u00FC\u00DFe \u4F60 \U0001F600"), "gr\u00FC\u00DFe \u4F60 \U0001F600");
}

RC_GTEST_PROP(Text, ValidUtf8IsIdempotent, (const std::string& bytes)) {
  const std::string once = valid_utf8(bytes);
  RC_ASSERT(valid_utf8(once) == once);
}

}  // namespace
}  // namespace cuebench
