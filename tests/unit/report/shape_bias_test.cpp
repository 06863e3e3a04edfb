// Shape bias on known decisions, and on published trials.

#include <algorithm>
#include <array>
#include <map>
#include <regex>

#include <gtest/gtest.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/report/summary.hpp>

#include "gunzip.hpp"
#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::decision;
using test::SyntheticRun;

/// 120 items of 4 classes: shape = item % 4, texture = item / 4 % 4 (30 items have both equal).
SyntheticRun cue_run() {
  SyntheticRun run = SyntheticRun::pair({}, {"cat", "dog", "car", "bird"}, 120);
  run.description.has_cues = true;
  for (std::size_t item = 0; item < run.description.items.size(); ++item) {
    run.description.items[item].shape_label = static_cast<int>(item % 4);
    run.description.items[item].texture_label = static_cast<int>(item / 4 % 4);
    run.description.items[item].label = static_cast<int>(item % 4);
  }
  const auto items = run.description.items;
  // Standard: by texture in four of five images, else by shape. Robust: the reverse. Car shapes: neither, always.
  run.outcome = [items](std::int64_t item, int model, int) {
    const StoredItem& stored = items[item];
    const bool rare = item / 16 % 5 == 0;
    int predicted = rare == (model == 0) ? stored.shape_label : stored.texture_label;
    if (stored.shape_label == 2)
      for (predicted = 0; predicted == stored.shape_label || predicted == stored.texture_label;) ++predicted;
    return decision(predicted, stored.label);
  };
  return run;
}

TEST(ShapeBias, CountsDecisionsWhereShapeAndTextureDiffer) {
  const test::TemporaryFolder folder;
  const SyntheticRun run = cue_run();
  const RunSummary summary = summarise(run.store(folder.path()));
  for (int model = 0; model < 2; ++model) {
    std::int64_t shape = 0, texture = 0, other = 0, cat_shape = 0, cat_texture = 0;
    for (std::int64_t item = 0; item < 120; ++item) {
      const StoredItem& stored = run.description.items[item];
      if (stored.shape_label == stored.texture_label) continue;
      const int predicted = run.outcome(item, model, 0)->predicted;
      shape += predicted == stored.shape_label;
      texture += predicted == stored.texture_label;
      other += predicted != stored.shape_label && predicted != stored.texture_label;
      cat_shape += stored.shape_label == 0 && predicted == stored.shape_label;
      cat_texture += stored.shape_label == 0 && predicted == stored.texture_label;
    }
    const ShapeBiasScores& bias = *summary.bias(model, 0);
    EXPECT_EQ(bias.counts.shape, shape);
    EXPECT_EQ(bias.counts.texture, texture);
    EXPECT_EQ(bias.counts.other, other);
    EXPECT_EQ(shape + texture + other, 90);
    EXPECT_GT(other, 0);
    EXPECT_DOUBLE_EQ(bias.bias.value.value(), static_cast<double>(shape) / static_cast<double>(shape + texture));
    EXPECT_EQ(bias.bias.n, shape + texture);
    EXPECT_DOUBLE_EQ(bias.class_bias[0].value.value(),
                     static_cast<double>(cat_shape) / static_cast<double>(cat_shape + cat_texture));
    EXPECT_FALSE(bias.class_bias[2].value);  // car: neither shape nor texture was ever answered
    EXPECT_EQ(bias.class_mean.n, 3);
  }
  const Measure& difference = summary.pairs[0].variants[0].shape_bias_difference;
  EXPECT_DOUBLE_EQ(difference.value.value(),
                   summary.bias(1, 0)->bias.value.value() - summary.bias(0, 0)->bias.value.value());
  EXPECT_GT(difference.low.value(), 0);
  EXPECT_EQ(summary.pairs[0].verdict, Verdict::more_shape) << summary.pairs[0].sentence;
}

TEST(ShapeBias, RunsWithoutCueLabelsHaveNone) {
  const test::TemporaryFolder folder;
  SyntheticRun run = cue_run();
  run.description.has_cues = false;
  const RunSummary summary = summarise(run.store(folder.path()));
  EXPECT_TRUE(summary.shape_bias.empty());
  EXPECT_EQ(summary.bias(0, 0), nullptr);
  EXPECT_EQ(summary.pairs[0].variants[0].shape_bias_difference.method, "the data set has no cue labels");
}

/// Trials of one published network as outcomes: label = shape class of the file name, prediction = its response.
std::map<std::string, std::string> read_trials(const std::filesystem::path& file) {
  const CsvTable table = parse_csv(test::gunzip(file), file.string());
  std::map<std::string, std::string> responses;
  for (const auto& row : table.rows)
    responses[row.fields[table.column("imagename")]] = row.fields[table.column("object_response")];
  return responses;
}

TEST(ShapeBias, PublishedTrialsGiveThePublishedNumbers) {
  CUEBENCH_REQUIRE_SHARED(root, "data/published/mvh");
  std::filesystem::path resnet, bagnet;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename();
    if (name == "cue-conflict_resnet50_session-1.csv.gz") resnet = entry.path();
    if (name == "cue-conflict_bagnet33_session-1.csv.gz") bagnet = entry.path();
  }
  if (resnet.empty() || bagnet.empty()) GTEST_SKIP() << "the trial files of resnet50 and bagnet33 are not here";
  const auto first = read_trials(bagnet), second = read_trials(resnet);
  ASSERT_EQ(first.size(), 1280u);
  const std::vector<std::string> classes{"airplane", "bear",  "bicycle", "bird",  "boat", "bottle",
                                         "car",      "cat",   "chair",   "clock", "dog",  "elephant",
                                         "keyboard", "knife", "oven",    "truck"};
  const auto index = [&](const std::string& name) {
    return static_cast<int>(std::find(classes.begin(), classes.end(), name) - classes.begin());
  };
  SyntheticRun run = SyntheticRun::pair({}, classes, 0);
  run.description.has_cues = true;
  run.description.block_size = 1280;
  std::vector<std::array<int, 2>> predicted;
  const std::regex pattern("^([a-z]+)\\d+-([a-z]+)\\d+.*");
  for (const auto& [image, response] : first) {
    std::smatch cues;
    ASSERT_TRUE(std::regex_match(image, cues, pattern)) << image;
    run.description.items.push_back({image, index(cues[1]), index(cues[1]), index(cues[2])});
    predicted.push_back({index(response), index(second.at(image))});
  }
  const auto items = run.description.items;
  run.outcome = [predicted, items](std::int64_t item, int model, int) {
    return decision(predicted[item][model], items[item].label);
  };
  const test::TemporaryFolder folder;
  const RunSummary summary = summarise(run.store(folder.path()));
  EXPECT_EQ(summary.bias(0, 0)->counts.shape, 50);
  EXPECT_EQ(summary.bias(0, 0)->counts.texture, 929);
  EXPECT_NEAR(summary.bias(0, 0)->bias.value.value(), 0.051072522982635, 1e-14);
  EXPECT_EQ(summary.bias(1, 0)->counts.shape, 169);
  EXPECT_EQ(summary.bias(1, 0)->counts.texture, 620);
  EXPECT_NEAR(summary.bias(1, 0)->bias.value.value(), 0.214195183776933, 1e-14);
  EXPECT_NEAR(summary.bias(1, 0)->class_mean.value.value(), 0.197562459295332, 1e-14);
  // Accuracy over all 1280 images, as published (.18203125), and McNemar of the two networks.
  EXPECT_DOUBLE_EQ(summary.score(1, 0).top1.value.value(), 0.18203125);
  EXPECT_EQ(summary.pairs[0].variants[0].only_robust, 136);
  EXPECT_EQ(summary.pairs[0].variants[0].only_standard, 26);
  EXPECT_NEAR(summary.pairs[0].variants[0].mcnemar_p.value.value() / 3.510169e-19, 1, 1e-6);
}

}  // namespace
}  // namespace cuebench
