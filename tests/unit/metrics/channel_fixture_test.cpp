// Every number of the reference fixture that concerns statistics, from the activations and relevances it gives.
#include "channel_fixture.hpp"

#include <algorithm>

#include <cuebench/metrics/class_correlation.hpp>

namespace cuebench::test {
namespace {

constexpr const char* kFixture = "reference/fixtures/channels.json";
constexpr const char* kGroups[] = {"all", "0", "1", "2"};

std::vector<signed char> partition_of(const LayerFixture& layer, std::size_t image, bool by_class) {
  return by_class ? partition_channels(layer.class_relevance(layer.labels[image]), 0)
                  : partition_channels(layer.relevance_clean[image], 0);
}

ChannelImageRecord record_of(const LayerFixture& layer, std::size_t image, bool on_variant, bool by_class = true) {
  return describe_channel_image(on_variant ? layer.variant[image] : layer.clean[image], layer.clean[image],
                                on_variant ? layer.relevance_variant[image] : layer.relevance_clean[image],
                                partition_of(layer, image, by_class));
}

ChannelImageSums sums_of(const LayerFixture& layer, const std::string& group, bool on_variant, bool by_class = true) {
  ChannelImageSums sums;
  for (std::size_t i = 0; i < layer.images(); ++i)
    if (layer.in_group(i, group)) sums.add(record_of(layer, i, on_variant, by_class));
  return sums;
}

std::vector<double> group_relevance(const LayerFixture& layer, const std::string& group) {
  return layer.moments(layer.clean, layer.relevance_clean, group, 12).relevance_mean;
}

ChannelGroupStatistics statistics_of(const LayerFixture& layer, const std::string& group, bool on_variant,
                                     bool by_class = true) {
  const auto clean = layer.moments(layer.clean, layer.relevance_clean, group, 12);
  const auto variant = layer.moments(layer.variant, layer.relevance_variant, group, 12);
  const auto dead = dead_channels(layer.moments(layer.clean, layer.relevance_clean, "all", 12));
  return group_statistics(clean, on_variant ? variant : clean, sums_of(layer, group, false, by_class),
                          sums_of(layer, group, on_variant, by_class), group_relevance(layer, group), dead);
}

TEST(ChannelFixture, ClassRelevanceAndPartitionMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    for (int label = 0; label < 3; ++label) {
      const auto relevance = group_relevance(layer, std::to_string(label));
      for (std::size_t c = 0; c < layer.channels(); ++c)
        EXPECT_TRUE(agrees(layer.data["class_relevance"][label][c], relevance[c], layer.name));
      const auto expected = layer.data["class_partition"][label].get<std::vector<int>>();
      const auto partition = partition_channels(layer.class_relevance(label), 0);
      EXPECT_EQ(std::vector<int>(partition.begin(), partition.end()), expected) << layer.name;
    }
  }
}

TEST(ChannelFixture, PerImageTotalsAndSharesMatchInBothPartitions) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    for (const bool by_class : {true, false}) {
      const Json& expected = layer.data[by_class ? "class_clean" : "per_image_clean"];
      for (std::size_t i = 0; i < layer.images(); ++i) {
        for (const bool on_variant : {false, true}) {
          const auto record = record_of(layer, i, on_variant, by_class);
          const std::string which = on_variant ? "_variant" : "_clean",
                            where = layer.name + " image " + std::to_string(i);
          EXPECT_TRUE(agrees(expected["pr_total" + which][i], record.pr_total, where));
          EXPECT_TRUE(agrees(expected["nr_total" + which][i], record.nr_total, where));
          EXPECT_TRUE(agrees(expected["neutral_total" + which][i], record.neutral_total, where));
          EXPECT_TRUE(agrees(expected["nr_share" + which][i], record.nr_share(), where));
        }
      }
    }
  }
}

TEST(ChannelFixture, PerImageCorrelationsMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    for (std::size_t i = 0; i < layer.images(); ++i) {
      const std::string where = layer.name + " image " + std::to_string(i);
      const auto on_variant = record_of(layer, i, true);
      EXPECT_TRUE(agrees(layer.data["cosine_image"][i], on_variant.align_cosine, where));
      EXPECT_TRUE(agrees(layer.data["pearson_image"][i], on_variant.align_pearson, where));
      EXPECT_TRUE(agrees(layer.data["spearman_image_clean"][i], record_of(layer, i, false).act_rel_spearman, where));
    }
  }
}

TEST(ChannelFixture, PartitionGroupsMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    for (const bool by_class : {true, false}) {
      for (const std::string group : kGroups) {
        const Json& expected = layer.data[by_class ? "class_clean" : "per_image_clean"]["groups"][group];
        const auto clean = statistics_of(layer, group, false, by_class);
        const auto variant = statistics_of(layer, group, true, by_class);
        const std::string where = layer.name + " group " + group;
        EXPECT_EQ(expected["n_images"], variant.n_images) << where;
        EXPECT_TRUE(agrees(expected["pr_ratio"], variant.pr_ratio, where));
        EXPECT_TRUE(agrees(expected["nr_ratio"], variant.nr_ratio, where));
        EXPECT_TRUE(agrees(expected["nr_share_clean"], clean.nr_share, where));
        EXPECT_TRUE(agrees(expected["nr_share_variant"], variant.nr_share, where));
        EXPECT_TRUE(agrees(expected["nr_share_image_mean_clean"], clean.nr_share_image_mean, where));
        EXPECT_TRUE(agrees(expected["nr_share_image_mean_variant"], variant.nr_share_image_mean, where));
        EXPECT_EQ(expected["n_defined_clean"], clean.nr_share_n_defined) << where;
        EXPECT_EQ(expected["n_defined_variant"], variant.nr_share_n_defined) << where;
        ASSERT_TRUE(variant.nr_share_delta) << where;
        EXPECT_NEAR(*variant.nr_share_delta, *variant.nr_share - *clean.nr_share, 1e-15) << where;
      }
    }
  }
}

TEST(ChannelFixture, GroupStatisticsMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    for (const std::string group : kGroups) {
      const Json& expected = layer.data["groups"][group];
      const auto clean = statistics_of(layer, group, false), variant = statistics_of(layer, group, true);
      const std::string where = layer.name + " group " + group;
      EXPECT_EQ(expected["n_images"], variant.n_images) << where;
      EXPECT_TRUE(agrees(expected["spearman_act_rel_clean"], clean.act_rel_spearman, where));
      EXPECT_TRUE(agrees(expected["spearman_act_rel_variant"], variant.act_rel_spearman, where));
      EXPECT_TRUE(agrees(expected["spearman_act_rel_clean_alive"], clean.act_rel_spearman_alive, where));
      EXPECT_TRUE(agrees(expected["pearson_act_rel_clean"], clean.act_rel_pearson, where));
      EXPECT_TRUE(agrees(expected["cosine_of_means"], variant.align_cosine_of_means, where));
      EXPECT_TRUE(agrees(expected["pearson_of_means"], variant.align_pearson_of_means, where));
      EXPECT_TRUE(agrees(expected["cosine_image_mean"], variant.align_cosine_image_mean, where));
      EXPECT_EQ(expected["cosine_n_defined"], variant.align_cosine_n_defined) << where;
      EXPECT_TRUE(agrees(expected["pearson_image_mean"], variant.align_pearson_image_mean, where));
      EXPECT_EQ(expected["pearson_n_defined"], variant.align_pearson_n_defined) << where;
      EXPECT_TRUE(agrees(expected["rel_l2_image_mean"], variant.align_rel_l2, where));
      EXPECT_EQ(expected["rel_l2_n_defined"], variant.align_rel_l2_n_defined) << where;
      EXPECT_TRUE(agrees(expected["relevance_shift_cosine"], variant.relevance_shift_cosine, where));
      EXPECT_TRUE(agrees(expected["freq_entropy_clean"], clean.freq_entropy, where));
      EXPECT_TRUE(agrees(expected["freq_entropy_variant"], variant.freq_entropy, where));
    }
  }
}

TEST(ChannelFixture, ChannelMomentsFrequenciesAndMagnitudesMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    for (const std::string group : kGroups) {
      for (const bool on_variant : {false, true}) {
        const auto moments = layer.moments(on_variant ? layer.variant : layer.clean,
                                           on_variant ? layer.relevance_variant : layer.relevance_clean, group, 5);
        const Json& expected = layer.data["groups"][group];
        const std::string which = on_variant ? "_variant" : "_clean";
        for (std::size_t c = 0; c < layer.channels(); ++c) {
          const std::string where = layer.name + " group " + group + which + " channel " + std::to_string(c);
          EXPECT_TRUE(agrees(expected["mean" + which][c], moments.mean[c], where));
          EXPECT_TRUE(agrees(expected["m2" + which][c], moments.m2[c], where));
          EXPECT_EQ(expected["freq_count" + which][c], moments.active_count[c]) << where;
          EXPECT_TRUE(agrees(expected["freq" + which][c], activity_frequency(moments, c), where));
          EXPECT_TRUE(agrees(expected["magnitude_when_active" + which][c], magnitude_when_active(moments, c), where));
        }
      }
    }
  }
}

TEST(ChannelFixture, DeadChannelsMatchAndDoNotDependOnTheGroup) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    const auto dead = dead_channels(layer.moments(layer.clean, layer.relevance_clean, "all", 12));
    EXPECT_EQ(dead, layer.data["dead_clean"].get<std::vector<bool>>()) << layer.name;
    for (const std::string group : kGroups)
      EXPECT_EQ(statistics_of(layer, group, true).dead_channels, std::count(dead.begin(), dead.end(), true));
  }
}

TEST(ChannelFixture, ChansMergeOfUnequalBlocksMatches) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  const Json expected = Json::parse(std::ifstream(path))["chan_merge"];
  const auto fixtures = layer_fixtures(path);
  const auto layer = std::find_if(fixtures.begin(), fixtures.end(), [](auto& f) { return f.name == "net_gap.relu2"; });
  ASSERT_NE(layer, fixtures.end());

  ChannelMoments merged, merged_variant;
  for (std::size_t b = 0; b < expected["blocks"].size(); ++b) {
    ChannelMoments block(layer->channels()), block_variant(layer->channels());
    for (const std::size_t i : expected["blocks"][b]) {
      block.add(layer->clean[i], layer->clean[i], layer->relevance_clean[i]);
      block_variant.add(layer->variant[i], layer->clean[i], layer->relevance_variant[i]);
    }
    const Json& wanted = expected["block_stats"][b];
    EXPECT_EQ(wanted["n"], block.n);
    for (std::size_t c = 0; c < layer->channels(); ++c) {
      EXPECT_TRUE(agrees(wanted["mean"][c], block.mean[c], "block mean"));
      EXPECT_TRUE(agrees(wanted["m2"][c], block.m2[c], "block m2"));
    }
    merged.merge(block);
    merged_variant.merge(block_variant);
  }
  EXPECT_EQ(expected["merged"]["n"], merged.n);
  for (std::size_t c = 0; c < layer->channels(); ++c) {
    EXPECT_TRUE(agrees(expected["merged"]["mean"][c], merged.mean[c], "mean"));
    EXPECT_TRUE(agrees(expected["merged"]["m2"][c], merged.m2[c], "m2"));
    EXPECT_TRUE(agrees(expected["merged"]["var_sample"][c], activation_variance(merged, c), "variance"));
    EXPECT_NEAR(merged.co_moment[c], merged.m2[c], 1e-12);  // a channel's co-moment with itself
  }
  EXPECT_TRUE(agrees(expected["co_moment_clean_variant_channel0"], merged_variant.co_moment[0], "co-moment"));
}

TEST(ChannelFixture, StatisticsOfResampledBlocksMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  const Json expected = Json::parse(std::ifstream(path))["block_bootstrap"];
  const auto fixtures = layer_fixtures(path);
  const auto layer = std::find_if(fixtures.begin(), fixtures.end(), [](auto& f) { return f.name == "net_gap.relu2"; });
  ASSERT_NE(layer, fixtures.end());
  for (std::size_t draw = 0; draw < expected["draws"].size(); ++draw) {
    ChannelImageSums clean, variant;
    for (const std::size_t block : expected["draws"][draw]) {
      for (const std::size_t i : expected["blocks"][block]) {
        clean.add(record_of(*layer, i, false));
        variant.add(record_of(*layer, i, true));
      }
    }
    const ChannelMoments none;
    const Json& wanted = expected["statistics"][draw];
    const auto on_clean = group_statistics(none, none, clean, clean, {});
    const auto on_variant = group_statistics(none, none, clean, variant, {});
    EXPECT_TRUE(agrees(wanted["nr_share_clean"], on_clean.nr_share, "clean share"));
    EXPECT_TRUE(agrees(wanted["nr_share_variant"], on_variant.nr_share, "variant share"));
    EXPECT_TRUE(agrees(wanted["difference"], on_variant.nr_share_delta, "difference"));
    EXPECT_TRUE(agrees(wanted["pr_ratio"], on_variant.pr_ratio, "pr_ratio"));
    EXPECT_TRUE(agrees(wanted["nr_ratio"], on_variant.nr_ratio, "nr_ratio"));
  }
}

TEST(ChannelFixture, CorrelationsOverClassesMatch) {
  CUEBENCH_REQUIRE_SHARED(path, kFixture);
  for (const auto& layer : layer_fixtures(path)) {
    const Json& expected = layer.data["class_correlation"];
    std::vector<std::optional<double>> cosines, spearmans, accuracies;
    for (const std::string group : {"0", "1", "2"}) {
      cosines.push_back(statistics_of(layer, group, true).align_cosine_image_mean);
      spearmans.push_back(statistics_of(layer, group, false).act_rel_spearman);
      accuracies.push_back(expected["robust_accuracy_pgd5"][std::stoul(group)].get<double>());
    }
    const BootstrapOptions options{.replicates = 100};
    const auto align = correlate_classes(cosines, accuracies, "align", options);
    const auto act_rel = correlate_classes(spearmans, accuracies, "act_rel", options);
    EXPECT_TRUE(agrees(expected["pearson_cosine_vs_acc"], align.pearson.value, layer.name));
    EXPECT_TRUE(agrees(expected["spearman_cosine_vs_acc"], align.spearman.value, layer.name));
    EXPECT_TRUE(agrees(expected["pearson_actrel_vs_acc"], act_rel.pearson.value, layer.name));
    EXPECT_EQ(align.pearson.n, 3);
    // One replicate in nine draws a single class: too many undefined ones for an interval.
    EXPECT_FALSE(align.pearson.low);
    EXPECT_NE(align.pearson.method.find("undefined"), std::string::npos);
  }
}

}  // namespace
}  // namespace cuebench::test
