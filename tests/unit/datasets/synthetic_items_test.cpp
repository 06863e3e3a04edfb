#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "samples.hpp"

namespace cuebench {
namespace {

std::string error(const std::string& source) {
  return test::message_of<UsageError>([&] { open_dataset(source); });
}

TEST(SyntheticItems, TheSourceNamesEveryParameter) {
  const Dataset set = open_dataset("synthetic:count=12,split=train,size=32");
  EXPECT_EQ(set.kind, "synthetic");
  EXPECT_NE(set.source.find("count=12"), std::string::npos) << set.source;
  EXPECT_NE(set.source.find("texture_contrast="), std::string::npos) << set.source;
  const Dataset again = open_dataset(set.source);
  EXPECT_EQ(again.source, set.source);
  EXPECT_EQ(again.digest, set.digest);
  EXPECT_EQ(open_dataset("synthetic").items.size(), 1000u);
}

TEST(SyntheticItems, EveryParameterChangesTheDigest) {
  std::set<std::string> digests = {open_dataset("synthetic").digest};
  const char* changes[] = {
      "split=train",          "count=999",          "size=32",     "classes=11",  "seed=1",  "correlation=0.5",
      "texture_contrast=0.2", "shape_contrast=0.2", "clutter=0.1", "occlusion=0", "noise=0", "blur=0"};
  for (const char* change : changes)
    EXPECT_TRUE(digests.insert(open_dataset(std::string("synthetic:") + change).digest).second) << change;
}

TEST(SyntheticItems, BadParametersAreRefusedByName) {
  EXPECT_NE(error("synthetic:sizes=64").find("did you mean size"), std::string::npos) << error("synthetic:sizes=64");
  for (const char* bad : {"size=0", "size=15", "classes=17", "classes=1", "count=0", "correlation=1.5", "seed=-1",
                          "split=val", "noise=x", "occlusion=0.6"})
    EXPECT_NE(error(std::string("synthetic:") + bad).find(std::string(bad).substr(0, 5)), std::string::npos) << bad;
  EXPECT_NE(error("synthetic:split=cue_conflict,correlation=0.5").find("correlation"), std::string::npos);
  EXPECT_NE(error("synthetic:/some/path").find("key=value"), std::string::npos);
}

TEST(SyntheticItems, ClassesAreInTextOrderAndASmallerSetIsPartOfALargerOne) {
  const auto all = open_dataset("synthetic:classes=16").classes;
  for (int count = 2; count <= 16; ++count) {
    const auto classes = open_dataset("synthetic:classes=" + std::to_string(count)).classes;
    EXPECT_EQ(classes.size(), std::size_t(count));
    EXPECT_TRUE(std::is_sorted(classes.begin(), classes.end()));
    EXPECT_TRUE(std::includes(all.begin(), all.end(), classes.begin(), classes.end()));
  }
}

TEST(SyntheticItems, LabelsAreBalancedAndIdsUnique) {
  for (const char* split : {"train", "cue_conflict", "shape_only", "texture_only"}) {
    const Dataset set = open_dataset(std::string("synthetic:count=1003,split=") + split);
    std::map<int, int> counts;
    std::set<std::string> ids;
    for (const Item& item : set.items) {
      ++counts[item.label];
      EXPECT_TRUE(ids.insert(item.id).second) << item.id;
      EXPECT_TRUE(item.id.starts_with(set.classes[std::size_t(item.label)] + '/')) << item.id;
    }
    ASSERT_EQ(counts.size(), 10u);
    for (const auto& [label, count] : counts) EXPECT_NEAR(count, 100, 1) << split << label;
  }
}

TEST(SyntheticItems, ASmallerCountGivesTheFirstItems) {
  for (const char* split : {"test", "cue_conflict"}) {
    const Dataset few = open_dataset(std::string("synthetic:count=37,split=") + split);
    const Dataset many = open_dataset(std::string("synthetic:count=90,split=") + split);
    for (std::size_t i = 0; i < few.items.size(); ++i) EXPECT_EQ(few.items[i].id, many.items[i].id);
    EXPECT_EQ(few.load_image(36), many.load_image(36));
  }
}

TEST(SyntheticItems, TheShareOfOwnTexturesIsTheCorrelation) {
  for (const double correlation : {0.0, 0.1, 0.25, 0.5, 0.9, 1.0}) {
    const Dataset set = open_dataset("synthetic:count=2000,correlation=" + std::to_string(correlation));
    std::map<int, int> own;
    std::map<std::pair<int, int>, int> other;
    for (const Item& item : set.items) {
      EXPECT_EQ(item.shape_label, item.label);
      if (item.texture_label == item.label) ++own[item.label];
      if (item.texture_label != item.label) ++other[{item.label, item.texture_label}];
    }
    for (int label = 0; label < 10; ++label) EXPECT_EQ(own[label], int(200 * correlation)) << correlation;
    // The rest is shared by the nine others, as evenly as whole numbers allow.
    for (const auto& [pair, count] : other) EXPECT_NEAR(count, 200 * (1 - correlation) / 9, 1);
    EXPECT_EQ(set.has_cues, correlation < 1);
  }
}

TEST(SyntheticItems, ConflictingImagesHaveTheTextureOfAnotherClassAndBothInTheName) {
  const Dataset set = open_dataset("synthetic:split=cue_conflict,count=900");
  EXPECT_TRUE(set.has_cues);
  std::map<std::pair<int, int>, int> pairs;
  for (const Item& item : set.items) {
    EXPECT_EQ(item.shape_label, item.label);
    EXPECT_NE(item.texture_label, item.label);
    ++pairs[{item.shape_label, item.texture_label}];
    const std::string name = item.id.substr(item.id.find('/') + 1);
    EXPECT_TRUE(name.starts_with(set.classes[std::size_t(item.shape_label)])) << name;
    EXPECT_NE(name.find('-' + set.classes[std::size_t(item.texture_label)]), std::string::npos) << name;
  }
  ASSERT_EQ(pairs.size(), 90u);
  for (const auto& [pair, count] : pairs) EXPECT_EQ(count, 10);
}

TEST(SyntheticItems, SingleCueSplitsLackTheOtherLabel) {
  for (const Item& item : open_dataset("synthetic:split=shape_only,count=20").items) {
    EXPECT_EQ(item.shape_label, item.label);
    EXPECT_EQ(item.texture_label, -1);
  }
  for (const Item& item : open_dataset("synthetic:split=texture_only,count=20").items) {
    EXPECT_EQ(item.texture_label, item.label);
    EXPECT_EQ(item.shape_label, -1);
  }
}

TEST(SyntheticItems, SplitsAndSeedsShareNoImage) {
  const auto text = [](const auto& picture) { return std::string(picture.pixels.begin(), picture.pixels.end()); };
  std::set<std::string> images, masks;
  std::size_t count = 0;
  for (const char* split : {"train", "validation", "test", "cue_conflict", "shape_only", "texture_only"}) {
    for (const char* seed : {"0", "1"}) {
      const Dataset set = open_dataset(std::string("synthetic:count=20,size=16,split=") + split + ",seed=" + seed);
      for (std::size_t i = 0; i < set.items.size(); ++i, ++count) {
        images.insert(text(set.load_image(i)));
        masks.insert(text(*set.load_mask(i)));
      }
    }
  }
  EXPECT_EQ(images.size(), count);
  EXPECT_EQ(masks.size(), count);
}

TEST(SyntheticItems, ImagesAreTheSameFromAnyThreadInAnyOrder) {
  const Dataset set = open_dataset("synthetic:count=40,size=48"), other = open_dataset("synthetic:count=40,size=48");
  std::vector<Image> forward(40), backward(40);
  std::thread a([&] {
    for (std::size_t i = 0; i < 40; ++i) forward[i] = set.load_image(i);
  });
  std::thread b([&] {
    for (std::size_t i = 40; i-- > 0;) backward[i] = set.load_image(i);
  });
  a.join();
  b.join();
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(forward[i], backward[i]);
    EXPECT_EQ(forward[i], other.load_image(i));
    EXPECT_EQ(forward[i].height, 48);
  }
  EXPECT_THROW(set.load_image(40), std::out_of_range);
}

TEST(SpreadItems, TakesAllOrThatManyEvenly) {
  EXPECT_EQ(spread_items(4, 0), (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(spread_items(4, 9), (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(spread_items(10, 4), (std::vector<std::size_t>{0, 2, 5, 7}));
}

}  // namespace
}  // namespace cuebench
