#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>

#include "run_records.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

RunStore stored_run(const std::filesystem::path& folder, const RunDescription& run) {
  RunStore store = RunStore::create_or_resume(folder, run);
  for (std::int64_t block = 0; block < store.block_count(); ++block) store.commit(block_of(run, block));
  return store;
}

void expect_same_description(const RunDescription& a, const RunDescription& b) {
  EXPECT_EQ(a.configuration, b.configuration);
  EXPECT_EQ(a.classes, b.classes);
  ASSERT_EQ(a.models.size(), b.models.size());
  for (std::size_t i = 0; i < a.models.size(); ++i) {
    const StoredModel &x = a.models[i], &y = b.models[i];
    EXPECT_EQ(std::tie(x.name, x.role, x.architecture, x.file, x.sha256, x.way, x.classes, x.parameters),
              std::tie(y.name, y.role, y.architecture, y.file, y.sha256, y.way, y.classes, y.parameters));
  }
  ASSERT_EQ(a.variants.size(), b.variants.size());
  for (std::size_t i = 0; i < a.variants.size(); ++i)
    EXPECT_EQ(std::tie(a.variants[i].text, a.variants[i].keeps), std::tie(b.variants[i].text, b.variants[i].keeps));
  ASSERT_EQ(a.items.size(), b.items.size());
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    const StoredItem &x = a.items[i], &y = b.items[i];
    EXPECT_EQ(std::tie(x.id, x.label, x.shape_label, x.texture_label),
              std::tie(y.id, y.label, y.shape_label, y.texture_label));
  }
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    const StoredLayer &x = a.layers[i], &y = b.layers[i];
    EXPECT_EQ(std::tie(x.model, x.name, x.channels, x.form), std::tie(y.model, y.name, y.channels, y.form));
  }
  ASSERT_EQ(a.interventions.size(), b.interventions.size());
  for (std::size_t i = 0; i < a.interventions.size(); ++i) {
    const StoredIntervention &x = a.interventions[i], &y = b.interventions[i];
    EXPECT_EQ(std::tie(x.layer, x.action, x.of, x.setting, x.draw),
              std::tie(y.layer, y.action, y.of, y.setting, y.draw));
  }
  EXPECT_EQ(a.block_size, b.block_size);
  EXPECT_EQ(a.has_cues, b.has_cues);
}

/// Sums over the blocks, for every intervention and variant.
void expect_interventions(const RunStore& store, const RunDescription& run, const std::vector<bool>& blocks) {
  const auto rows = store.interventions();
  std::size_t next = 0;
  for (int intervention = 0; intervention < static_cast<int>(run.interventions.size()); ++intervention)
    for (int variant = 0; variant < static_cast<int>(run.variants.size()); ++variant) {
      BlockRecord::InterventionRow sum{intervention, variant, 0, 0, 0, 0};
      for (std::size_t block = 0; block < blocks.size(); ++block) {
        if (!blocks[block]) continue;
        const auto one = intervention_of(static_cast<std::int64_t>(block), intervention, variant);
        sum.images += one.images;
        sum.before += one.before;
        sum.after += one.after;
        sum.both += one.both;
      }
      if (sum.images == 0) continue;
      ASSERT_LT(next, rows.size());
      const auto& row = rows[next++];
      EXPECT_EQ(std::tie(row.intervention, row.variant, row.images, row.before, row.after, row.both),
                std::tie(sum.intervention, sum.variant, sum.images, sum.before, sum.after, sum.both));
    }
  EXPECT_EQ(next, rows.size());
}

void expect_aggregations(const RunStore& store, const RunDescription& run, const std::vector<bool>& blocks) {
  const auto rows = store.aggregations();
  if (std::find(blocks.begin(), blocks.end(), true) == blocks.end()) {
    EXPECT_TRUE(rows.empty());
    return;
  }
  ASSERT_EQ(rows.size(), 2 * run.variants.size());
  std::size_t next = 0;
  for (int variant = 0; variant < static_cast<int>(run.variants.size()); ++variant)
    for (const char* name : {"sum", "mean"}) {  // as stored, not by name
      BlockRecord::AggregationRow sum{1, variant, name};
      for (std::size_t block = 0; block < blocks.size(); ++block) {
        if (!blocks[block]) continue;
        const auto one = aggregation_of(static_cast<std::int64_t>(block), variant, name);
        sum.labelled += one.labelled;
        sum.right += one.right;
        sum.shape += one.shape;
        sum.texture += one.texture;
        sum.conflict += one.conflict;
      }
      const auto tied = [](const BlockRecord::AggregationRow& row) {
        return std::tie(row.model, row.variant, row.aggregation, row.labelled, row.right, row.shape, row.texture,
                        row.conflict);
      };
      EXPECT_EQ(tied(rows[next]), tied(sum));
      ++next;
    }
}

/// Every row of `blocks` is there and exact, and no other is.
void expect_rows(const RunStore& store, const RunDescription& run, const std::vector<bool>& blocks) {
  std::vector<std::int64_t> items;
  for (std::int64_t item = 0; item < static_cast<std::int64_t>(run.items.size()); ++item)
    if (blocks[static_cast<std::size_t>(item / run.block_size)]) items.push_back(item);
  expect_interventions(store, run, blocks);
  expect_aggregations(store, run, blocks);
  for (int variant = 0; variant < static_cast<int>(run.variants.size()); ++variant) {
    for (int model = 0; model < static_cast<int>(run.models.size()); ++model) {
      std::vector<std::int64_t> seen;
      store.for_each_outcome(model, variant, [&](std::int64_t item, const Outcome& outcome) {
        seen.push_back(item);
        EXPECT_TRUE(same(outcome, outcome_of(item, model, variant))) << item << ' ' << model << ' ' << variant;
      });
      EXPECT_EQ(seen, items);
    }
    for (int layer = 0; layer < static_cast<int>(run.layers.size()); ++layer) {
      std::vector<std::int64_t> seen;
      store.for_each_channel_image(layer, variant, [&](std::int64_t item, const ChannelImageRecord& record) {
        seen.push_back(item);
        EXPECT_TRUE(same(record, channel_image_of(item, layer, variant))) << item;
      });
      EXPECT_EQ(seen, items);
      std::vector<bool> seen_blocks(blocks.size());
      std::int64_t last = -1;
      store.for_each_channel_block(layer, variant, [&](std::int64_t block, const ClassMoments& moments) {
        EXPECT_LT(last, block);
        last = block;
        seen_blocks[static_cast<std::size_t>(block)] = true;
        EXPECT_EQ(moments, moments_of(block, layer, variant, run.layers[static_cast<std::size_t>(layer)].channels));
      });
      EXPECT_EQ(seen_blocks, blocks);
    }
  }
}

std::string usage_error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(RunStore, GivesBackEveryRowExactlyAndInOrder) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  {
    RunStore store = RunStore::create_or_resume(folder.path(), run);
    for (const std::int64_t block : {3, 0, 4, 1, 2}) store.commit(block_of(run, block));  // any order
    expect_rows(store, run, std::vector<bool>(5, true));
  }
  const RunStore store = RunStore::open(folder.path());
  expect_same_description(store.description(), run);
  expect_rows(store, run, std::vector<bool>(5, true));
  EXPECT_TRUE(store.complete());
  EXPECT_EQ(store.block_count(), 5);

  const auto bad = store.bad_images();
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(bad[0].first, 7);
  EXPECT_EQ(bad[1].first, 57);
  EXPECT_EQ(bad[0].second.path, "dir/broken.jpg");
  EXPECT_EQ(bad[0].second.bytes, 1234);
  EXPECT_EQ(bad[0].second.reason, "no end, of image");

  EXPECT_TRUE(store.note_counts(0).empty());
  const std::map<std::string, std::int64_t> notes{{"no mask", 12}, {"too small", 6}};
  EXPECT_EQ(store.note_counts(1), notes);

  const auto pictures = store.pictures();
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(pictures[0].variant, 2);
  EXPECT_EQ(pictures[0].png, (std::vector<std::byte>{std::byte{0x89}, std::byte{0}, std::byte{0xff}}));
}

TEST(RunStore, ContinuesWhereItStopped) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  RunStore::create_or_resume(folder.path(), run).commit(block_of(run, 2));
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  EXPECT_EQ(store.finished_blocks(), (std::vector<bool>{false, false, true, false, false}));
  EXPECT_FALSE(store.complete());
  for (const std::int64_t block : {0, 1, 3, 4}) store.commit(block_of(run, block));
  EXPECT_TRUE(store.complete());
  expect_rows(store, run, std::vector<bool>(5, true));
}

TEST(RunStore, AClosedRunIsOneFile) {
  const TemporaryFolder folder;
  stored_run(folder.path(), small_run());
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) files.push_back(entry.path().filename());
  EXPECT_EQ(files, std::vector<std::string>{"run.sqlite"});
  RunStore::open(folder.path());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);  // reading leaves nothing behind
}

TEST(RunStore, ARunWithoutImagesIsComplete) {
  const TemporaryFolder folder;
  const RunStore store = RunStore::create_or_resume(folder.path(), small_run({.items = 0}));
  EXPECT_EQ(store.block_count(), 0);
  EXPECT_TRUE(store.complete());
}

TEST(RunStore, RefusesABlockTwiceAndRowsOutsideTheirBlock) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  store.commit(block_of(run, 1));
  EXPECT_THROW(store.commit(block_of(run, 1)), std::logic_error);
  BlockRecord astray = block_of(run, 0);
  astray.outcomes.back().item = 16;
  EXPECT_THROW(store.commit(astray), std::invalid_argument);
  astray.block = 5;
  EXPECT_THROW(store.commit(astray), std::invalid_argument);
  expect_rows(store, run, {false, true, false, false, false});  // nothing of the failed commits stays
  EXPECT_THROW(const_cast<RunStore&&>(RunStore::open(folder.path())).commit(block_of(run, 0)), std::logic_error);
}

TEST(RunStore, AFailedCommitLeavesNothingAndCanBeRepeated) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  BlockRecord twice = block_of(run, 0);
  twice.pictures.push_back(twice.pictures.front());
  EXPECT_THROW(store.commit(twice), RunError);
  EXPECT_EQ(store.finished_blocks(), std::vector<bool>(5, false));
  store.commit(block_of(run, 0));
  expect_rows(store, run, {true, false, false, false, false});
}

TEST(RunStore, NamesTheFirstDifferenceFromTheStoredRun) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  stored_run(folder.path(), run);
  const auto refusal = [&](const std::function<void(RunDescription&)>& change) {
    RunDescription other = run;
    change(other);
    const std::string message = usage_error_of([&] { RunStore::create_or_resume(folder.path(), other); });
    EXPECT_NE(message.find("--overwrite"), std::string::npos) << message;
    EXPECT_NE(message.find("--out"), std::string::npos) << message;
    return message;
  };
  const auto says = [](const std::string& message, const std::string& part) {
    return message.find(part) != std::string::npos ? ::testing::AssertionSuccess()
                                                   : ::testing::AssertionFailure() << message;
  };
  EXPECT_TRUE(says(refusal([](auto& r) {
                     r.configuration = R"({"seed":2,"suite":"quick","models":[{"name":"a","preset":"imagenet"}]})";
                   }),
                   "the configuration's 'seed' is 1 there and 2 here"));
  EXPECT_TRUE(says(refusal([](auto& r) {
                     r.configuration = R"({"seed":1,"suite":"quick","models":[{"name":"a","preset":"none"}]})";
                   }),
                   "'models.0.preset' is \"imagenet\" there and \"none\" here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.configuration = R"({"suite":"quick"})"; }), "there and not set here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.classes[1] = "wolf"; }), "a class is 'dog, small' there and 'wolf' here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.models[1].sha256 = "ff"; }), "model 'model1': its SHA-256"));
  EXPECT_TRUE(
      says(refusal([](auto& r) { r.models[0].way = "eager"; }), "way of computing is 'script' there and 'eager' here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.variants.pop_back(); }), "the number of variants is 3 there and 2 here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.items[5].label = 2; }), "5.png' is 0 there and 2 here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.items.push_back({}); }), "the number of images is 70 there and 71 here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.layers[0].channels = 5; }), "number of channels is 4 there and 5 here"));
  EXPECT_TRUE(says(refusal([](auto& r) { r.block_size = 32; }), "the block size is 16 there and 32 here"));
  EXPECT_TRUE(
      says(refusal([](auto& r) { r.has_cues = false; }), "whether cues are labelled is true there and false here"));

  RunDescription moved = run;
  moved.models[0].file = "elsewhere.pt";  // the same content at another place is the same model
  EXPECT_TRUE(RunStore::create_or_resume(folder.path(), moved).complete());
}

TEST(RunStore, DiscardRemovesTheRunButNotWhileItIsWritten) {
  const TemporaryFolder folder;
  RunStore::discard(folder.path());  // nothing there: nothing to do
  {
    const RunStore writer = RunStore::create_or_resume(folder.path(), small_run());
    EXPECT_NE(usage_error_of([&] { RunStore::discard(folder.path()); }), "");
  }
  RunStore::discard(folder.path());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RunStore, RelevanceOfBlocksMergesInOrder) {
  const TemporaryFolder folder;
  const RunDescription run = small_run({.layers = 2});
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  EXPECT_TRUE(store.class_relevance(0).empty());
  ClassMoments expected;
  for (const std::int64_t block : {4, 2, 0, 1, 3}) store.commit_relevance(block, {{0, moments_of(block, 0, 0, 4)}});
  EXPECT_THROW(store.commit_relevance(2, {}), std::logic_error);
  EXPECT_EQ(store.finished_relevance_blocks(), std::vector<bool>(5, true));
  for (std::int64_t block = 0; block < 5; ++block)
    for (const auto& [label, moments] : moments_of(block, 0, 0, 4))
      expected.try_emplace(label, moments.channels()).first->second.merge(moments);
  const auto relevance = store.class_relevance(0);
  ASSERT_EQ(relevance.size(), 2u);
  for (const auto& [label, of_class] : relevance) {
    EXPECT_EQ(of_class.n, expected.at(label).n);
    EXPECT_EQ(of_class.mean, expected.at(label).relevance_mean);  // the same merge, so the same bits
  }
  EXPECT_EQ(store.finished_blocks(), std::vector<bool>(5, false));  // a pass of its own
}

TEST(RunStore, RelevanceComesFromTheCleanSumsWhereNoPassWasMade) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  const RunStore store = stored_run(folder.path(), run);
  const auto relevance = store.class_relevance(0);
  ASSERT_EQ(relevance.size(), 2u);
  EXPECT_EQ(relevance.at(1).n, 10);  // two images of class 1 in each of five blocks
  for (int c = 0; c < 4; ++c) {
    // In every block of class 1: the mean of sin(c + 10) and sin(c + 11), order of 5 equal means: rounding only.
    EXPECT_NEAR(relevance.at(1).mean[static_cast<std::size_t>(c)], (std::sin(c + 10.0) + std::sin(c + 11.0)) / 2,
                1e-15);
  }
}

TEST(RunStore, ShardsAbsorbedInAnyOrderGiveTheWholeRun) {
  const RunDescription run = small_run();
  const TemporaryFolder even, odd, whole;
  for (const auto& [folder, remainder] : {std::pair(&even, 0), std::pair(&odd, 1)}) {
    RunStore shard = RunStore::create_or_resume(folder->path(), run);
    for (std::int64_t block = remainder; block < 5; block += 2) shard.commit(block_of(run, block));
    for (std::int64_t block = 0; block < 5; ++block) shard.commit_relevance(block, {{0, moments_of(block, 0, 0, 4)}});
  }
  RunStore merged = RunStore::create_or_resume(whole.path(), run);
  merged.absorb(RunStore::open(odd.path()));
  EXPECT_EQ(merged.finished_blocks(), (std::vector<bool>{false, true, false, true, false}));
  merged.absorb(RunStore::open(even.path()));
  merged.absorb(RunStore::open(even.path()));  // again: nothing is missing, nothing changes
  EXPECT_TRUE(merged.complete());
  EXPECT_EQ(merged.finished_relevance_blocks(), std::vector<bool>(5, true));
  expect_rows(merged, run, std::vector<bool>(5, true));
  EXPECT_EQ(merged.bad_images().size(), 2u);
  EXPECT_EQ(merged.pictures().size(), 1u);
  EXPECT_EQ(merged.note_counts(2), (std::map<std::string, std::int64_t>{{"no mask", 12}, {"too small", 6}}));
}

TEST(RunStore, AbsorbsAShardThatIsStillOpenForWriting) {
  const RunDescription run = small_run();
  const TemporaryFolder shard_folder, whole_folder;
  RunStore shard = RunStore::create_or_resume(shard_folder.path(), run);
  shard.commit(block_of(run, 1));
  RunStore whole = RunStore::create_or_resume(whole_folder.path(), run);
  whole.absorb(shard);
  expect_rows(whole, run, {false, true, false, false, false});
}

TEST(RunStore, RefusesAShardOfAnotherRun) {
  const TemporaryFolder one, two;
  RunDescription run = small_run();
  stored_run(one.path(), run);
  run.variants[1].text = "grayscale";
  RunStore other = RunStore::create_or_resume(two.path(), run);
  const std::string message = usage_error_of([&] { other.absorb(RunStore::open(one.path())); });
  EXPECT_NE(message.find("a variant is 'grayscale' there and 'patch_shuffle:k=1' here"), std::string::npos) << message;
}

TEST(RunStore, FoldersWithOddNamesWork) {
  const TemporaryFolder folder;
  for (const char* name : {"a b", "100%41", "what?", "#1", "\xc3\xbc", "file:x"}) {
    const auto path = folder.path() / name;
    const TemporaryFolder whole;
    stored_run(path, small_run());
    EXPECT_TRUE(std::filesystem::exists(path / "run.sqlite")) << name;
    EXPECT_TRUE(RunStore::open(path).complete()) << name;
    RunStore merged = RunStore::create_or_resume(whole.path(), small_run());
    merged.absorb(RunStore::open(path));
    EXPECT_TRUE(merged.complete()) << name;
  }
}

}  // namespace
}  // namespace cuebench::test
