// Partners for cue conflict: other classes, in balance, the same for the same seed.

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/pairing.hpp>

namespace cuebench {
namespace {

/// `counts[c]` images of class c, then `unlabelled` ones.
Dataset labelled(const std::vector<int>& counts, int unlabelled = 0) {
  Dataset set;
  set.source = "test";
  for (std::size_t c = 0; c < counts.size(); ++c) {
    set.classes.push_back("class" + std::to_string(c));
    for (int i = 0; i < counts[c]; ++i)
      set.items.push_back({.id = std::to_string(c) + "/" + std::to_string(i), .label = static_cast<int>(c)});
  }
  for (int i = 0; i < unlabelled; ++i) set.items.push_back({.id = "none/" + std::to_string(i)});
  return set;
}

TEST(Pairing, EveryLabelledItemHasAPartnerOfAnotherClass) {
  const Dataset set = labelled({7, 0, 12, 3, 5}, 4);
  const auto partners = conflict_partners(set, 3);
  ASSERT_EQ(partners.size(), set.items.size());
  for (std::size_t i = 0; i < partners.size(); ++i) {
    if (set.items[i].label < 0) {
      EXPECT_EQ(partners[i], kNoPartner);
      continue;
    }
    ASSERT_LT(partners[i], set.items.size());
    EXPECT_GE(set.items[partners[i]].label, 0);
    EXPECT_NE(set.items[partners[i]].label, set.items[i].label);
  }
}

TEST(Pairing, ClassPairsAreBalancedAndAClassLendsAllItsImages) {
  const Dataset set = labelled({20, 20, 20, 20, 20, 20});
  const auto partners = conflict_partners(set, 0);
  std::map<std::pair<int, int>, int> pairs;
  std::set<std::size_t> lent(partners.begin(), partners.end());
  for (std::size_t i = 0; i < partners.size(); ++i) ++pairs[{set.items[i].label, set.items[partners[i]].label}];
  EXPECT_EQ(pairs.size(), 30u) << "every ordered pair of classes";
  for (const auto& [pair, count] : pairs) EXPECT_EQ(count, 4);
  EXPECT_EQ(lent.size(), set.items.size()) << "20 images are lent 20 times, each once";

  const auto uneven = conflict_partners(labelled({22, 22, 22, 22, 22, 22}), 0);
  std::map<std::pair<int, int>, int> counts;
  for (std::size_t i = 0; i < uneven.size(); ++i) ++counts[{int(i / 22), int(uneven[i] / 22)}];
  for (const auto& [pair, count] : counts) EXPECT_TRUE(count == 4 || count == 5);
}

TEST(Pairing, FollowsFromTheSeed) {
  const Dataset set = labelled({9, 9, 9});
  EXPECT_EQ(conflict_partners(set, 5), conflict_partners(set, 5));
  EXPECT_NE(conflict_partners(set, 5), conflict_partners(set, 6));
}

TEST(Pairing, LabelsAreThoseOfThePair) {
  const Dataset set = labelled({3, 3}, 1);
  const auto partners = conflict_partners(set, 0);
  const Dataset paired = with_conflict_labels(set, partners);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(paired.items[i].shape_label, set.items[i].label);
    EXPECT_EQ(paired.items[i].texture_label, 1 - set.items[i].label);
  }
  EXPECT_EQ(paired.items[6].texture_label, -1);
}

TEST(Pairing, OneClassAndReadyConflictsAreRefused) {
  EXPECT_THROW(conflict_partners(labelled({5, 0}), 0), UsageError);
  EXPECT_THROW(conflict_partners(labelled({0}, 5), 0), UsageError);
  Dataset conflicts = labelled({3, 3});
  conflicts.has_cues = true;
  EXPECT_THROW(conflict_partners(conflicts, 0), UsageError);
}

}  // namespace
}  // namespace cuebench
