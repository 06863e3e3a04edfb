// Curves of interventions from stored counts, by hand.

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/csv.hpp>
#include <cuebench/report/report.hpp>
#include <cuebench/report/writers.hpp>

#include "../../../src/report/figures/figures.hpp"
#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::SyntheticRun;

SyntheticRun intervened_run() {
  SyntheticRun run = SyntheticRun::pair({{"silhouette", "shape"}}, {"cat", "dog"}, 40);
  run.outcome = [](std::int64_t item, int, int) -> std::optional<Outcome> {
    return test::answer(item % 4 != 0, static_cast<int>(item % 2), 2);
  };
  run.description.layers = {{0, "layer", 4, "closed"}, {1, "layer", 4, "closed"}};
  run.activation = [](std::int64_t item, int, int) -> std::vector<double> {
    return {1.0, 2.0 + static_cast<double>(item % 3), 0.5, 0};
  };
  run.relevance = [](int label, int) -> std::vector<double> { return {1, label ? -1.0 : 0.5, -2, 0}; };
  run.description.interventions = {{0, "keep_relevant", "top2", 2, -1}, {0, "keep_relevant", "top2", 1, -1},
                                   {0, "keep_random", "top2", 1, 0},    {0, "keep_random", "top2", 1, 1},
                                   {0, "keep_random", "top2", 1, 2},    {1, "zero_opposed", "label", 1, -1}};
  // intervention, variant, images, before, after, both
  run.interventions = {{0, 0, 40, 30, 28, 26}, {1, 0, 40, 30, 20, 18}, {2, 0, 40, 30, 10, 8}, {3, 0, 40, 30, 20, 18},
                       {4, 0, 40, 30, 12, 10}, {5, 0, 0, 0, 0, 0},     {0, 1, 40, 8, 10, 6}};
  return run;
}

RunSummary summary_of(const SyntheticRun& run) {
  const test::TemporaryFolder folder;
  return summarise(run.store(folder.path()));
}

TEST(Interventions, CurvesAreWhatTheCountsSay) {
  const RunSummary summary = summary_of(intervened_run());
  ASSERT_EQ(summary.interventions.size(), 4);
  const InterventionCurve* const kept = summary.intervention(0, 0, "keep_relevant");
  ASSERT_NE(kept, nullptr);
  EXPECT_DOUBLE_EQ(*kept->unmodified.value, 0.75);
  ASSERT_EQ(kept->points.size(), 2);
  EXPECT_EQ(kept->points[0].setting, 1) << "ascending, whatever the order asked for";
  EXPECT_DOUBLE_EQ(*kept->points[1].accuracy.value, 0.7);
  const Estimate wilson = wilson_interval(28, 40);
  EXPECT_EQ(kept->points[1].accuracy.low, wilson.low);
  EXPECT_EQ(kept->points[1].accuracy.high, wilson.high);
  EXPECT_DOUBLE_EQ(*kept->points[1].change.value, -0.05);
  // 2 images gained, 4 lost of 40: sd of the mean is sqrt(6/40 - 0.0025) / sqrt(40) = 0.061.
  EXPECT_NEAR(*kept->points[1].change.high - *kept->points[1].change.low, 2 * 1.96 * 0.061, 0.04);
  EXPECT_EQ(summary.intervention(0, 1, "keep_random"), nullptr);
}

TEST(Interventions, DrawsAreAveragedAndTheirSpreadIsShown) {
  const RunSummary summary = summary_of(intervened_run());
  const InterventionCurve* const random = summary.intervention(0, 0, "keep_random");
  ASSERT_NE(random, nullptr);
  ASSERT_EQ(random->points.size(), 1);
  EXPECT_NEAR(*random->points[0].accuracy.value, (0.25 + 0.5 + 0.3) / 3, 1e-15);
  EXPECT_NEAR(*random->points[0].accuracy.low, 0.25 + 0.05 * 0.05, 1e-12) << "NumPy's 2.5 % quantile of three";
  EXPECT_NEAR(*random->points[0].accuracy.high, 0.5 - 0.05 * 0.2, 1e-12);
  EXPECT_NE(random->points[0].accuracy.method.find("3 draws"), std::string::npos);
}

TEST(Interventions, WithoutImagesThereIsAReason) {
  const RunSummary summary = summary_of(intervened_run());
  const InterventionCurve* const none = summary.intervention(1, 0, "zero_opposed");
  ASSERT_NE(none, nullptr);
  EXPECT_FALSE(none->points[0].accuracy.value);
  EXPECT_FALSE(none->points[0].change.value);
  EXPECT_NE(none->points[0].accuracy.method.find("no image"), std::string::npos);
}

TEST(Interventions, FilesAndFiguresHaveThem) {
  const RunSummary summary = summary_of(intervened_run());
  const auto results = nlohmann::json::parse(results_json(summary));
  ASSERT_EQ(results.at("interventions").size(), 4);
  EXPECT_EQ(results["interventions"][0]["points"][0]["setting"], 1);
  const std::string csv = interventions_csv(summary);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 + 1 + 1 + 1);
  EXPECT_NE(csv.find("standard,layer,clean,keep_relevant,top2,2,0.7,"), std::string::npos);
  EXPECT_EQ(csv.find("nan"), std::string::npos);
  const std::vector<Figure> figures = intervention_figures(summary);
  ASSERT_EQ(figures.size(), 1);
  EXPECT_NE(figures[0].script.find("standard: clean"), std::string::npos);
  EXPECT_NE(report_html(summary, std::nullopt, {}, true).find("Channels switched off"), std::string::npos);
}

TEST(Interventions, ARunWithoutThemSaysNothing) {
  SyntheticRun run = intervened_run();
  run.description.interventions.clear();
  run.interventions.clear();
  const RunSummary summary = summary_of(run);
  EXPECT_FALSE(nlohmann::json::parse(results_json(summary)).contains("interventions"));
  EXPECT_EQ(report_html(summary, std::nullopt, {}, true).find("Channels switched off"), std::string::npos);
  EXPECT_TRUE(intervention_figures(summary).empty());
}

}  // namespace
}  // namespace cuebench
