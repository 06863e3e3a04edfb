// Channel statistics against sums written out over the same activations.

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/writers.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::SyntheticRun;

/// 3 channels; relevance for class 0: (+1, -1, 0), for class 1: (-2, +0.5, +1).
SyntheticRun channel_run(std::int64_t items = 96) {
  SyntheticRun run = SyntheticRun::pair({{"silhouette:a=1", "shape"}}, {"cat", "dog"}, items);
  run.description.block_size = 4;
  run.description.layers = {{0, "layer4", 3, "closed"}, {1, "layer4", 3, "closed"}};
  run.outcome = [](std::int64_t item, int model, int variant) {
    return test::answer((item + model) % (variant + 2) != 0, static_cast<int>(item % 2), 2);
  };
  run.relevance = [](int label, int) {
    return label == 0 ? std::vector<double>{1, -1, 0} : std::vector<double>{-2, 0.5, 1};
  };
  run.activation = [](std::int64_t item, int layer, int variant) {
    const auto i = static_cast<double>(item % 7);
    std::vector<double> values{1 + i, 2 + 0.5 * i * i, 0.25 * i};
    if (variant == 1) values = {0.5 * (1 + i), (layer == 0 ? 3.0 : 2.0) + 0.25 * i, 0.25 * i};
    return values;
  };
  return run;
}

struct Sums {
  double pr = 0, nr = 0, cosine = 0;
  std::int64_t n = 0;
};

/// Over items with `label` (-1: all).
Sums sums_of(const SyntheticRun& run, int layer, int variant, int label) {
  Sums sums;
  for (std::int64_t item = 0; item < static_cast<std::int64_t>(run.description.items.size()); ++item) {
    const int own = run.description.items[item].label;
    if (label >= 0 && own != label) continue;
    const auto relevance = run.relevance(own, layer);
    const auto now = run.activation(item, layer, variant), clean = run.activation(item, layer, 0);
    double dot = 0, now2 = 0, clean2 = 0;
    for (int c = 0; c < 3; ++c) {
      if (relevance[c] > 0) sums.pr += now[c];
      if (relevance[c] < 0) sums.nr += now[c];
      dot += now[c] * clean[c];
      now2 += now[c] * now[c];
      clean2 += clean[c] * clean[c];
    }
    sums.cosine += dot / std::sqrt(now2 * clean2);
    ++sums.n;
  }
  return sums;
}

RunSummary summary_of(const SyntheticRun& run) {
  const test::TemporaryFolder folder;
  return summarise(run.store(folder.path()));
}

TEST(ChannelSummary, RatiosAndSharesAreOfSumsForEveryGroup) {
  const SyntheticRun run = channel_run();
  const RunSummary summary = summary_of(run);
  for (int layer = 0; layer < 2; ++layer) {
    const ChannelSummary& channel = *summary.channel(layer, 1);
    ASSERT_EQ(channel.groups.size(), 3u);
    for (const ChannelGroup& group : channel.groups) {
      const Sums clean = sums_of(run, layer, 0, group.label), now = sums_of(run, layer, 1, group.label);
      const double share = now.nr / (now.nr + now.pr), clean_share = clean.nr / (clean.nr + clean.pr);
      // 1e-12: sums of up to 96 numbers in another order.
      EXPECT_NEAR(group.measure("pr_ratio").value.value(), now.pr / clean.pr, 1e-12);
      EXPECT_NEAR(group.measure("nr_ratio").value.value(), now.nr / clean.nr, 1e-12);
      EXPECT_NEAR(group.measure("nr_share").value.value(), share, 1e-12);
      EXPECT_NEAR(group.measure("nr_share_delta").value.value(), share - clean_share, 1e-12);
      EXPECT_NEAR(group.measure("align_cosine_image_mean").value.value(), now.cosine / double(now.n), 1e-12);
      EXPECT_EQ(group.measure("pr_total").n, now.n);
      EXPECT_LT(*group.measure("nr_share").low, *group.measure("nr_share").high);
      for (const char* name : {"pr_ratio", "nr_ratio", "nr_share", "nr_share_delta", "align_cosine_image_mean"}) {
        const Measure& measure = group.measure(name);
        ASSERT_TRUE(measure.low && measure.high) << name << ": " << measure.method;
        EXPECT_LE(*measure.low, *measure.value) << name;
        EXPECT_GE(*measure.high, *measure.value) << name;
      }
    }
  }
}

TEST(ChannelSummary, IntervalOfARatioHasTheWidthOfTheDeltaMethod) {
  const SyntheticRun run = channel_run(2000);
  const RunSummary summary = summary_of(run);
  // Class 0, PR = channel 0: ratio of sums of 0.5 a and a, so the variance of (now - r clean) is 0; NR = channel 1.
  const ChannelGroup& cats = summary.channel(0, 1)->groups.at(1);
  const Measure& constant = cats.measure("pr_ratio");
  EXPECT_NEAR(constant.value.value(), 0.5, 1e-12);
  EXPECT_NEAR(constant.high.value() - constant.low.value(), 0, 1e-12);
  const Measure& measure = cats.measure("nr_ratio");
  double clean_sum = 0, residual2 = 0, n = 0;
  for (std::int64_t item = 0; item < 2000; item += 2) {
    const double clean = run.activation(item, 0, 0)[1], now = run.activation(item, 0, 1)[1];
    clean_sum += clean;
    residual2 += std::pow(now - *measure.value * clean, 2);
    n += 1;
  }
  const double deviation = std::sqrt(residual2 / n) * std::sqrt(n) / clean_sum;
  // 1000 replicates: a 2.5 % quantile is uncertain by about 8 % of its distance; 15 % leaves room.
  EXPECT_NEAR(measure.high.value() - measure.low.value(), 2 * 1.96 * deviation, 0.15 * 2 * 1.96 * deviation);
}

TEST(ChannelSummary, DifferencesBetweenModelsArePaired) {
  SyntheticRun run = channel_run();
  const RunSummary summary = summary_of(run);
  ASSERT_EQ(summary.pairs.at(0).channels.size(), 2u);
  const ChannelDifference& difference = summary.pairs[0].channels[1];
  EXPECT_EQ(difference.layer, "layer4");
  EXPECT_NEAR(difference.nr_share.value.value(),
              summary.channel(1, 1)->groups[0].measure("nr_share").value.value() -
                  summary.channel(0, 1)->groups[0].measure("nr_share").value.value(),
              1e-15);
  EXPECT_LT(difference.nr_share.high.value(), 0);  // the robust layer has less NR activation on every image
  // Equal layers on clean: with paired draws every replicate of the difference is exactly 0.
  const ChannelDifference& clean = summary.pairs[0].channels[0];
  EXPECT_EQ(clean.nr_share.low.value(), 0);
  EXPECT_EQ(clean.nr_share.high.value(), 0);
}

TEST(ChannelSummary, RankCorrelationHasAnIntervalOnlyWithEightBlocksAClass) {
  const RunSummary enough = summary_of(channel_run(96));  // 24 blocks of 4
  const Measure& measure = enough.channel(0, 1)->groups[0].measure("act_rel_spearman");
  ASSERT_TRUE(measure.value);
  EXPECT_TRUE(measure.low) << measure.method;
  SyntheticRun few = channel_run(96);
  few.description.block_size = 16;  // 6 blocks
  const RunSummary summary = summary_of(few);
  const Measure& without = summary.channel(0, 1)->groups[0].measure("act_rel_spearman");
  EXPECT_TRUE(without.value);
  EXPECT_FALSE(without.low);
  EXPECT_NE(without.method.find("fewer than 8 blocks"), std::string::npos) << without.method;
}

TEST(ChannelSummary, ASmallClassLeavesOutItsIntervalAndSaysWhy) {
  const RunSummary summary = summary_of(channel_run(12));  // 6 images a class
  const ChannelSummary& channel = *summary.channel(0, 1);
  EXPECT_TRUE(channel.groups[0].measure("nr_share").low);
  EXPECT_FALSE(channel.groups[1].measure("nr_share").low);
  EXPECT_NE(channel.groups[1].measure("nr_share").method.find("fewer than 8 images"), std::string::npos);
}

TEST(ChannelSummary, ProfileOrdersChannelsByTheRelevanceForTheOwnClass) {
  const SyntheticRun run = channel_run();
  const RunSummary summary = summary_of(run);
  // Orders by relevance: class 0: 0, 2, 1; class 1: 2, 1, 0. Positive: one channel for class 0, two for class 1.
  std::array<double, 3> expected{};
  for (std::int64_t item = 0; item < 96; ++item) {
    const auto values = run.activation(item, 0, 1);
    const std::array<int, 3> order = item % 2 == 0 ? std::array{0, 2, 1} : std::array{2, 1, 0};
    for (int rank = 0; rank < 3; ++rank) expected[rank] += values[order[rank]] / 96;
  }
  const ChannelSummary& channel = *summary.channel(0, 1);
  for (int rank = 0; rank < 3; ++rank) EXPECT_NEAR(channel.by_relevance.activation[rank], expected[rank], 1e-12);
  EXPECT_DOUBLE_EQ(channel.positive_channels, 1.5);
}

TEST(ChannelSummary, ZeroActivationIsUndefinedNotZero) {
  SyntheticRun run = channel_run();
  run.activation = [](std::int64_t, int, int) { return std::vector<double>{0, 0, 0}; };
  const RunSummary summary = summary_of(run);
  for (const char* name : {"pr_ratio", "nr_ratio", "nr_share", "nr_share_delta", "align_cosine_image_mean",
                           "align_pearson_image_mean", "align_rel_l2", "act_rel_spearman", "freq_entropy"}) {
    const Measure& measure = summary.channel(0, 1)->groups[0].measure(name);
    EXPECT_FALSE(measure.value) << name;
    EXPECT_FALSE(measure.method.empty()) << name;
  }
  EXPECT_FALSE(summary.pairs[0].channels[1].nr_share.value);
  EXPECT_DOUBLE_EQ(summary.channel(0, 1)->groups[0].measure("dead_channels").value.value(), 3);
}

TEST(ChannelsCsv, HoldsTheMomentsOfEveryGroupAndChannel) {
  const test::TemporaryFolder folder;
  const SyntheticRun run = channel_run();
  const RunStore store = run.store(folder.path());
  write_channels_csv(store, folder.path() / "channels.csv", 1000);
  const CsvTable table = parse_csv(read_text_file(folder.path() / "channels.csv"), "channels.csv");
  EXPECT_EQ(table.rows.size(), 2u * 2u * 3u * 3u);  // layers, variants, groups, channels
  double sum = 0, sum2 = 0;
  std::int64_t n = 0;
  for (std::int64_t item = 0; item < 96; item += 2) {
    const double value = run.activation(item, 1, 1)[1];
    sum += value;
    sum2 += value * value;
    ++n;
  }
  bool found = false;
  for (const auto& row : table.rows) {
    const auto field = [&](const char* name) { return row.fields.at(table.column(name)); };
    if (field("model") != "robust" || field("variant") != "silhouette:a=1" || field("class") != "cat" ||
        field("channel") != "1")
      continue;
    found = true;
    EXPECT_EQ(field("layer"), "layer4");
    EXPECT_EQ(field("n"), std::to_string(n));
    EXPECT_NEAR(std::stod(field("mean_act")), sum / double(n), 1e-12);
    EXPECT_NEAR(std::stod(field("var_act")), (sum2 - sum * sum / double(n)) / double(n - 1), 1e-12);
    EXPECT_EQ(field("class_relevance"), "-1");
    EXPECT_EQ(field("partition"), "NR");
    EXPECT_EQ(field("freq"), "1");
    EXPECT_NEAR(std::stod(field("magnitude_when_active")), sum / double(n), 1e-12);
  }
  EXPECT_TRUE(found);
}

TEST(ChannelsCsv, LeavesClassesOutWhenThereWouldBeTooManyRows) {
  const test::TemporaryFolder folder;
  const RunStore store = channel_run().store(folder.path());
  write_channels_csv(store, folder.path() / "channels.csv", 35);
  const CsvTable table = parse_csv(read_text_file(folder.path() / "channels.csv"), "channels.csv");
  EXPECT_EQ(table.rows.size(), 2u * 2u * 3u);
  for (const auto& row : table.rows) EXPECT_EQ(row.fields.at(table.column("class")), "all");
}

TEST(ChannelsCsv, UsesTheRelevanceThresholdOfTheRun) {
  const test::TemporaryFolder folder;
  SyntheticRun run = channel_run();
  run.description.configuration = R"({"relevance_threshold": 0.3})";
  write_channels_csv(run.store(folder.path()), folder.path() / "channels.csv", 1000);
  const CsvTable table = parse_csv(read_text_file(folder.path() / "channels.csv"), "channels.csv");
  int seen = 0;
  for (const auto& row : table.rows) {
    if (row.fields.at(table.column("class")) != "dog" || row.fields.at(table.column("channel")) != "1") continue;
    EXPECT_EQ(row.fields.at(table.column("partition")), "neutral");  // 0.5 <= 0.3 * 2
    ++seen;
  }
  EXPECT_EQ(seen, 4);
}

}  // namespace
}  // namespace cuebench
