// Images in memory: reading, splits, augmentation, minibatches, schedules.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/random.hpp>

#include "../../../src/training/batches.hpp"
#include "../../../src/training/recipe.hpp"
#include "../../../src/training/training_log.hpp"
#include "test_data.hpp"
#include "toy.hpp"

namespace cuebench::test {
namespace {

ImageSet noise_set(std::size_t count, int height, int width) {
  ImageSet set;
  set.height = height;
  set.width = width;
  RandomStream stream(1, "noise", "tests");
  for (std::size_t i = 0; i < count; ++i) {
    set.labels.push_back(static_cast<std::int64_t>(i % 4));
    set.ids.push_back("image" + std::to_string(i));
    for (std::size_t p = 0; p < set.image_bytes(); ++p)
      set.pixels.push_back(static_cast<std::uint8_t>(stream.below(256)));
  }
  return set;
}

std::vector<float> augmented(const ImageSet& set, std::size_t index, const Augmentation& augmentation,
                             std::uint64_t seed, std::int64_t epoch) {
  std::vector<float> out(set.image_bytes());
  write_augmented(set, index, augmentation, seed, epoch, out.data());
  return out;
}

/// The window at (top, left) of the image with `padding` black pixels around, mirrored first where asked.
std::vector<float> window(const ImageSet& set, std::size_t index, bool mirror, int padding, int top, int left) {
  std::vector<float> out;
  for (int y = 0; y < set.height; ++y)
    for (int x = 0; x < set.width; ++x)
      for (int c = 0; c < 3; ++c) {
        const int row = y + top - padding, column = x + left - padding;
        const bool inside = row >= 0 && column >= 0 && row < set.height && column < set.width;
        const int source = mirror ? set.width - 1 - column : column;
        out.push_back(inside ? static_cast<float>(set.image(index)[(row * set.width + source) * 3 + c]) / 255.0F : 0);
      }
  return out;
}

TEST(Augmentation, IsOneOfTheWindowsAndEachComesEquallyOften) {
  const ImageSet set = noise_set(1, 5, 7);
  constexpr int kPadding = 1, kDraws = 1800;
  std::vector<int> counts(18, 0);
  for (int epoch = 0; epoch < kDraws; ++epoch) {
    const auto image = augmented(set, 0, {true, kPadding}, 4, epoch);
    int matches = 0;
    for (int which = 0; which < 18; ++which)
      if (image == window(set, 0, which >= 9, kPadding, which % 9 / 3, which % 3)) {
        ++counts[which];
        ++matches;
      }
    ASSERT_EQ(matches, 1) << "epoch " << epoch;
  }
  // 100 expected of 1800 each; five standard deviations of a binomial count.
  for (const int count : counts) EXPECT_NEAR(count, 100, 5 * std::sqrt(100.0));
}

TEST(Augmentation, DependsOnSeedEpochAndIdOnly) {
  const ImageSet set = noise_set(4, 8, 8);
  const Augmentation both{true, 4};
  ImageSet moved = set;  // the same image at another place
  std::copy_n(set.image(1), set.image_bytes(), moved.pixels.begin());
  moved.ids[0] = set.ids[1];
  EXPECT_EQ(augmented(set, 1, both, 1, 2), augmented(moved, 0, both, 1, 2));
  EXPECT_NE(augmented(set, 1, both, 1, 2), augmented(set, 1, both, 1, 3));
  EXPECT_NE(augmented(set, 1, both, 1, 2), augmented(set, 1, both, 2, 2));
  EXPECT_EQ(augmented(set, 1, {}, 1, 2), window(set, 1, false, 0, 0, 0));
}

TEST(Batches, AnEpochShowsEveryImageOnceInAnotherOrder) {
  const ImageSet set = noise_set(24, 2, 2);
  const BatchPlan plan(set, 8, {}, 9);
  ASSERT_EQ(plan.batches_per_epoch(), 3);
  std::vector<std::vector<float>> orders;
  for (int epoch = 0; epoch < 2; ++epoch) {
    EpochBatches batches(plan, epoch, 0);
    std::vector<float> firsts;
    for (int i = 0; i < 3; ++i) {
      const Batch batch = batches.next();
      EXPECT_EQ(batch.images.sizes().vec(), (std::vector<std::int64_t>{8, 3, 2, 2}));
      for (int n = 0; n < 8; ++n) firsts.push_back(batch.images[n].sum().item<float>());
    }
    orders.push_back(firsts);
  }
  EXPECT_NE(orders[0], orders[1]);
  for (auto& order : orders) std::sort(order.begin(), order.end());
  EXPECT_EQ(orders[0], orders[1]);
  EXPECT_EQ(std::set(orders[0].begin(), orders[0].end()).size(), 24u);
}

TEST(Batches, ContinueInsideAnEpochAsIfNeverStopped) {
  const ImageSet set = noise_set(26, 4, 4);
  const BatchPlan plan(set, 8, {true, 2}, 9);
  EpochBatches whole(plan, 5, 0), rest(plan, 5, 2);
  whole.next();
  whole.next();
  EXPECT_TRUE(whole.next().images.equal(rest.next().images));
}

TEST(Batches, ImagesAreTheFloatsThatEvaluateSees) {
  const ImageSet set = noise_set(2, 3, 4);
  const Batch batch = plain_batch(set, {1});
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 4; ++x)
        ASSERT_EQ(batch.images[0][c][y][x].item<float>(),
                  static_cast<float>(set.image(1)[(y * 4 + x) * 3 + c]) / 255.0F);
  EXPECT_EQ(batch.labels[0].item<std::int64_t>(), 1);
}

TEST(ImageSets, HoldOutTheShareOfEveryClassAndNothingTwice) {
  const TemporaryFolder folder;
  write_separable_folder(folder.path(), 10);
  const Dataset dataset = open_dataset("folder:" + folder.path().string());
  std::vector<std::size_t> items(dataset.items.size());
  std::iota(items.begin(), items.end(), std::size_t{0});
  const Split split = hold_out(dataset, items, 0.3, 1);
  ASSERT_EQ(split.validation.size(), 12u);
  std::vector<int> held(4, 0);
  for (const std::size_t index : split.validation) ++held[dataset.items[index].label];
  EXPECT_EQ(held, (std::vector<int>{3, 3, 3, 3}));
  std::set<std::size_t> all(split.training.begin(), split.training.end());
  all.insert(split.validation.begin(), split.validation.end());
  EXPECT_EQ(all.size(), 40u);
  EXPECT_NE(hold_out(dataset, items, 0.3, 2).validation, split.validation);
  EXPECT_EQ(hold_out(dataset, items, 0.3, 1).validation, split.validation);
}

TEST(ImageSets, AreTheSameFromAnyNumberOfThreadsAndSkipBadFiles) {
  const TemporaryFolder folder;
  write_separable_folder(folder.path(), 50);
  write_file_atomically(folder.path() / "class1" / "007.png", "no picture");
  const Dataset dataset = open_dataset("folder:" + folder.path().string());
  std::vector<std::size_t> items(dataset.items.size());
  std::iota(items.begin(), items.end(), std::size_t{0});
  const std::vector<int> labels{0, 1, 2, 3};
  LoadOptions options{parse_preset("none"), 8, 8, 1, {.quiet = true}};
  const ImageSet one = load_images(dataset, items, labels, options);
  options.threads = 3;
  const ImageSet three = load_images(dataset, items, labels, options);
  EXPECT_EQ(one.pixels, three.pixels);
  EXPECT_EQ(one.ids, three.ids);
  EXPECT_EQ(one.size(), 199u);
  ASSERT_EQ(one.notes.size(), 1u);
  EXPECT_NE(one.notes[0].find("class1/007.png"), std::string::npos);
  for (std::size_t i = 0; i < one.size(); ++i)
    EXPECT_EQ(one.ids[i].substr(0, 6), "class" + std::to_string(one.labels[i]));
}

TEST(ImageSets, StatisticsAreMeanAndDeviationOfAllPixels) {
  const ImageSet set = noise_set(3, 6, 5);
  const ChannelStatistics statistics = channel_statistics(set);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> values;
    for (std::size_t i = c; i < set.pixels.size(); i += 3) values.push_back(set.pixels[i] / 255.0);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    EXPECT_NEAR(statistics.mean[c], mean, 1e-12);
    EXPECT_NEAR(statistics.deviation[c], std::sqrt(squares / static_cast<double>(values.size())), 1e-12);
  }
}

TEST(TrainingLog, ComesBackToTheBitFromItsPackedForm) {
  const std::vector<TrainingLogRow> rows{{1, 10, 0.1, 2.5, 0.25, {}, 0.125, {}, 1.5},
                                         {2, 20, 1.0 / 3, 1e-30, 0.5, 0.75, {}, 0.0, 1e9}};
  const auto back = unpack_log(pack_log(rows));
  EXPECT_EQ(training_log_csv(back), training_log_csv(rows));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[1].learning_rate, 1.0 / 3);
  EXPECT_FALSE(back[0].validation_accuracy);
  EXPECT_EQ(back[1].overfitting_check, 0.0);
  EXPECT_EQ(unpack_log(pack_log({})).size(), 0u);
}

TEST(Recipes, DifferOnlyInWhatDecidesTheWeights) {
  TrainingRequest request;
  RecipeFacts facts;
  facts.data_source = "folder:/here";
  facts.data_digest = "d1";
  const std::string here = recipe_json(request, facts);
  facts.data_source = "folder:/there";
  EXPECT_EQ(recipe_difference(here, recipe_json(request, facts)), "");
  facts.data_digest = "d2";
  EXPECT_NE(recipe_difference(here, recipe_json(request, facts)).find("data.digest"), std::string::npos);
  facts.data_digest = "d1";
  request.epochs = 7;
  EXPECT_EQ(recipe_difference(here, recipe_json(request, facts)), "epochs is 30 there and 7 here");
}

}  // namespace
}  // namespace cuebench::test
