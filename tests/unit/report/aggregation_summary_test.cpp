// Categories of several outputs in the report, and images that are no part of the run.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/report/report.hpp>
#include <cuebench/report/writers.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::decision;
using test::SyntheticRun;

SyntheticRun mapped_run(bool cues) {
  SyntheticRun run = SyntheticRun::pair({{"grayscale", "both"}}, {"cat", "dog"}, 100);
  run.description.configuration =
      R"({"aggregation": "sum", "left_out": {"images": 7, "no_output_for": ["bear", "oven"]}})";
  run.description.has_cues = cues;
  run.outcome = [](std::int64_t item, int, int) { return decision(0, static_cast<int>(item % 2)); };
  run.aggregations = {{1, 0, "mean", 100, 40, 30, 10, 80},
                      {1, 0, "sum", 100, 50, 20, 20, 80},
                      {1, 1, "mean", 100, 10, 0, 0, 80},
                      {1, 1, "sum", 100, 20, 5, 0, 80}};
  return run;
}

TEST(Aggregations, AreSharesOfTheirCountsAndTheRunsOneIsMarked) {
  const test::TemporaryFolder folder;
  const RunSummary summary = summarise(mapped_run(true).store(folder.path()));
  ASSERT_EQ(summary.aggregations.size(), 4u);
  const AggregationScores &mean = summary.aggregations[0], &sum = summary.aggregations[1];
  EXPECT_FALSE(mean.used);
  EXPECT_TRUE(sum.used);
  EXPECT_EQ(*mean.bias.value, 0.75);
  EXPECT_EQ(mean.bias.n, 40);
  EXPECT_EQ(mean.counts.other, 40);
  EXPECT_EQ(*mean.top1.value, 0.4);
  EXPECT_LT(*mean.top1.low, 0.4);
  EXPECT_EQ(*sum.bias.value, 0.5);
  EXPECT_FALSE(summary.aggregations[2].bias.value) << "neither shape nor texture is undefined, not 0";
  EXPECT_EQ(summary.aggregations[2].bias.method, "no decision for the shape or the texture class");

  const auto json = nlohmann::json::parse(results_json(summary));
  EXPECT_EQ(json["aggregations"][1]["aggregation"], "sum");
  EXPECT_EQ(json["aggregations"][1]["used"], true);
  EXPECT_EQ(json["aggregations"][0]["shape_bias"]["value"], 0.75);
  EXPECT_NE(metrics_csv(summary).find("robust,robust,clean,all,shape_bias[mean],0.75,"), std::string::npos);
  const std::string page = report_html(summary, std::nullopt, {}, false);
  EXPECT_NE(page.find("Shape bias, sum (used)"), std::string::npos);
  EXPECT_NE(page.find("Shape bias, mean<"), std::string::npos);
}

TEST(Aggregations, WithoutCueLabelsThereIsNoShapeBias) {
  const test::TemporaryFolder folder;
  const RunSummary summary = summarise(mapped_run(false).store(folder.path()));
  const auto json = nlohmann::json::parse(results_json(summary));
  EXPECT_FALSE(json["aggregations"][0].contains("shape_bias"));
  EXPECT_EQ(metrics_csv(summary).find("shape_bias["), std::string::npos);
  EXPECT_EQ(report_html(summary, std::nullopt, {}, false).find("Shape bias, "), std::string::npos);
}

TEST(LeftOutImages, AreStatedEverywhere) {
  const test::TemporaryFolder folder;
  const RunSummary summary = summarise(mapped_run(true).store(folder.path()));
  EXPECT_EQ(summary.left_out.images, 7);
  EXPECT_NE(headline_table(summary).find("7 more images are left out: a model has no output for bear and oven\n"),
            std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(results_json(summary))["left_out"]["images"], 7);
  EXPECT_NE(report_html(summary, std::nullopt, {}, false).find("texture (bear and oven)"), std::string::npos);
}

}  // namespace
}  // namespace cuebench
