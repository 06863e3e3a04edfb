#include "../../../src/evaluation/class_space.hpp"

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

const std::vector<std::string> kPets = {"cat", "dog"};

TEST(ClassSpace, SameNamesAreTheSameClasses) {
  const auto space = choose_class_space(kPets, {"m"}, {2}, {kPets});
  EXPECT_EQ(space.names, kPets);
  EXPECT_EQ(space.of_dataset_class, (std::vector<int>{0, 1}));
  EXPECT_TRUE(map_outputs(space, "m", 2, kPets).identity());
  EXPECT_TRUE(space.note.empty());
}

TEST(ClassSpace, UnknownNamesOfTheSameCountAreTakenInOrder) {
  const auto space = choose_class_space(kPets, {"m"}, {2}, {{}});
  EXPECT_TRUE(map_outputs(space, "m", 2, {}).identity());
}

TEST(ClassSpace, AnOrderThatAllModelsShareIsTheRuns) {
  const std::vector<std::string> other = {"dog", "cat"};
  const auto space = choose_class_space(kPets, {"a", "b"}, {2, 2}, {other, other});
  EXPECT_EQ(space.names, other);
  EXPECT_EQ(space.of_dataset_class, (std::vector<int>{1, 0}));
  EXPECT_TRUE(map_outputs(space, "a", 2, other).identity());
}

TEST(ClassSpace, AnUnnamedModelKeepsTheDatasOrderBesideOneThatNamesAnother) {
  const std::vector<std::string> other = {"dog", "cat"};
  const auto space = choose_class_space(kPets, {"a", "b"}, {2, 2}, {other, {}});
  EXPECT_EQ(space.names, kPets);
  EXPECT_EQ(map_outputs(space, "a", 2, other).members, (std::vector<std::vector<int>>{{1}, {0}}));
  EXPECT_TRUE(map_outputs(space, "b", 2, {}).identity());
}

TEST(ClassSpace, AnotherOrderOfTheSameNamesIsMappedByName) {
  const std::vector<std::string> other = {"dog", "cat"};
  const auto space = choose_class_space(kPets, {"a", "b"}, {2, 2}, {kPets, other});
  EXPECT_EQ(space.names, kPets);
  EXPECT_EQ(map_outputs(space, "b", 2, other).members, (std::vector<std::vector<int>>{{1}, {0}}));
}

TEST(ClassSpace, APartOfAModelsClassesAdoptsTheModelsList) {
  const std::vector<std::string> known = {"ant", "cat", "dog", "eel"};
  const auto space = choose_class_space(kPets, {"m"}, {4}, {known});
  EXPECT_EQ(space.names, known);
  EXPECT_EQ(space.of_dataset_class, (std::vector<int>{1, 2}));
  EXPECT_EQ(space.note, "the data set holds 2 of the 4 classes that the models know");
}

TEST(ClassSpace, WordNetFoldersFindTheirPlaceAmongTheThousand) {
  const std::vector<std::string> folders = {"n01440764", "n15075141"};  // the first and the last
  const auto space = choose_class_space(folders, {"m"}, {1000}, {{}});
  ASSERT_EQ(space.names.size(), 1000u);
  EXPECT_EQ(space.of_dataset_class, (std::vector<int>{0, 999}));
}

TEST(ClassSpace, ImageNetOutputsAreGroupedForEntryLevelCategories) {
  const std::vector<std::string> categories = {"airplane", "bear", "dog"};
  const auto space = choose_class_space(categories, {"m"}, {1000}, {{}});
  const auto mapping = map_outputs(space, "m", 1000, {});
  EXPECT_EQ(mapping.members[0], (std::vector<int>{404}));
  EXPECT_EQ(mapping.members[1], (std::vector<int>{294, 295, 296, 297}));
  EXPECT_EQ(mapping.members[2].size(), 109u);  // model-vs-human's list
}

TEST(ClassSpace, AWrongClassCountNamesModelNumbersAndRemedy) {
  const auto space = choose_class_space(kPets, {"m"}, {10}, {{}});
  try {
    map_outputs(space, "m", 10, {});
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()),
              "model 'm' has 10 outputs but the data set has 2 classes (cat, ...): list the model's classes in its "
              "sidecar FILE.json as \"classes\", say what its outputs mean with --class-mapping, or use data with the "
              "classes that it was trained on");
  }
}

}  // namespace
}  // namespace cuebench
