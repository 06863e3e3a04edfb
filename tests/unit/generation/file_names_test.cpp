#include "../../../src/generation/file_names.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cuebench {
namespace {

TEST(VariantFolders, AreReadableAndSafe) {
  EXPECT_EQ(variant_folder("clean"), "clean");
  EXPECT_EQ(variant_folder("patch_shuffle:k=4,layout=cells"), "patch_shuffle-k=4-layout=cells");
  EXPECT_EQ(variant_folder("pgd:epsilon=8/255+grayscale"), "pgd-epsilon=8_255+grayscale");
}

TEST(VariantFolders, LongTextsAreCutAndStayDistinct) {
  const std::string long_text = "a:" + std::string(300, 'x');
  const std::string name = variant_folder(long_text + "1");
  EXPECT_EQ(name.size(), 120u);
  EXPECT_NE(name, variant_folder(long_text + "2"));
}

TEST(ClassFolders, AreTheNamesWhereTheirOrderIsTheTextOrder) {
  EXPECT_EQ(class_folders({"cat", "dog", "tench, Tinca tinca"}),
            (std::vector<std::string>{"cat", "dog", "tench, Tinca tinca"}));
  EXPECT_TRUE(class_folders({}).empty());
}

TEST(ClassFolders, OtherwiseHaveTheIndexBeforeTheName) {
  EXPECT_EQ(class_folders({"dog", "cat"}), (std::vector<std::string>{"0_dog", "1_cat"}));
  EXPECT_EQ(class_folders({"a/b", "a_b"}), (std::vector<std::string>{"0_a_b", "1_a_b"}));
  std::vector<std::string> numbers;
  for (int i = 0; i < 12; ++i) numbers.push_back(std::to_string(i));
  EXPECT_EQ(class_folders(numbers)[2], "02_2");
}

RC_GTEST_PROP(ClassFolders, AreDistinctInTextOrderAndPlainNames, (const std::set<std::string>& names)) {
  std::vector<std::string> classes(names.begin(), names.end());
  if (classes.size() > 1) std::swap(classes.front(), classes.back());
  for (const auto& given : {classes, std::vector<std::string>(names.begin(), names.end())}) {
    const auto folders = class_folders(given);
    RC_ASSERT(folders.size() == given.size());
    for (std::size_t i = 0; i < folders.size(); ++i) {
      if (i > 0) RC_ASSERT(folders[i - 1] < folders[i]);
      RC_ASSERT(!folders[i].empty());
      RC_ASSERT(folders[i][0] != '.');
      RC_ASSERT(folders[i].find('/') == std::string::npos);
      RC_ASSERT(folders[i].find('\0') == std::string::npos);
    }
  }
}

Item item(std::string id, int label, int shape = -1, int texture = -1) {
  return {.id = std::move(id), .label = label, .shape_label = shape, .texture_label = texture, .bytes = 0};
}

std::vector<std::string> names_of(const Dataset& set) {
  return item_names(set, class_folders(set.classes));
}

TEST(ItemNames, LieInTheirClassWithoutExtension) {
  Dataset set;
  set.classes = {"cat", "dog"};
  set.items = {item("cat/a.jpg", 0), item("dog/deep/b.png", 1), item("elsewhere/c.webp", 1), item("batch.bin#7", 0),
               item("no label.png", -1)};
  EXPECT_EQ(names_of(set),
            (std::vector<std::string>{"cat/a", "dog/deep/b", "dog/elsewhere/c", "cat/batch.bin-7", "no label"}));
}

TEST(ItemNames, ThatWouldCollideKeepTheirExtension) {
  Dataset set;
  set.classes = {"cat"};
  set.items = {item("cat/a.jpg", 0), item("cat/a.png", 0), item("cat/b?.png", 0), item("cat/b*.png", 0)};
  const auto names = names_of(set);
  EXPECT_EQ(names[0], "cat/a.jpg");
  EXPECT_EQ(names[1], "cat/a.png");
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), 4u);
}

TEST(ItemNames, HiddenAndUpwardPathsBecomePlain) {
  Dataset set;
  set.items = {item("../x.png", -1), item("/y.png", -1), item(".z.png", -1)};
  for (const auto& name : names_of(set)) {
    EXPECT_FALSE(name.starts_with('.') || name.starts_with('/')) << name;
    EXPECT_EQ(name.find(".."), std::string::npos) << name;
  }
}

TEST(ItemNames, OfConflictingCuesSayBoth) {
  Dataset set;
  set.classes = {"cat", "dog"};
  set.has_cues = true;
  set.items = {item("one.png", 0, 0, 1), item("two.png", 1, 1, 0), item("three.png", 0, 0, 1),
               item("four.png", 0, 0, 0)};
  EXPECT_EQ(names_of(set),
            (std::vector<std::string>{"cat/cat1-dog1", "dog/dog1-cat1", "cat/cat2-dog2", "cat/cat3-cat2"}));
}

TEST(ItemNames, OfStimuliThatWereReadKeepTheirNumbers) {
  Dataset set;
  set.classes = {"cat", "dog"};
  set.has_cues = true;
  set.items = {item("cat/cat7-dog3.png", 0, 0, 1), item("dog/dog10-cat1.png", 1, 1, 0)};
  EXPECT_EQ(names_of(set), (std::vector<std::string>{"cat/cat7-dog3", "dog/dog10-cat1"}));
}

TEST(ItemNames, OfCuesThatTheNamingCannotHoldStayAsTheyAre) {
  Dataset set;
  set.classes = {"cat 1", "dog"};
  set.has_cues = true;
  set.items = {item("a.png", 0, 0, 1), item("b.png", 1, 1, 0)};
  EXPECT_EQ(names_of(set), (std::vector<std::string>{"cat 1/a", "dog/b"}));
}

TEST(SampleKeys, HaveNoDotInTheirLastPart) {
  EXPECT_EQ(sample_keys({"cat/a", "n.01/a.b", "x.y"}), (std::vector<std::string>{"cat/a", "n.01/a_b", "x_y"}));
}

RC_GTEST_PROP(SampleKeys, AreDistinct, ()) {
  const auto character = rc::gen::element('a', '.', '_', '/', '-', '1');
  const auto names = *rc::gen::unique<std::vector<std::string>>(rc::gen::container<std::string>(character));
  const auto keys = sample_keys(names);
  RC_ASSERT(std::set(keys.begin(), keys.end()).size() == names.size());
  for (const auto& key : keys) RC_ASSERT(key.find('.', key.rfind('/') + 1) == std::string::npos);
}

}  // namespace
}  // namespace cuebench
