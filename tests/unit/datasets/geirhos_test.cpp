#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::message_of;
using test::ppm;
using test::TemporaryFolder;
using test::write_file;
using test::write_tar;

TEST(GeirhosStimuli, CuesComeFromTheFileNameAndClassesAreTheirUnion) {
  const TemporaryFolder folder;
  for (const char* path : {"cat/cat7-elephant1.png", "cat/cat10-cat2.png", "bear/bear3-clock12.png"}) {
    write_file(folder.path() / path, ppm(1));
  }
  const auto set = open_dataset(folder.path().string());
  EXPECT_EQ(set.kind, "geirhos");
  EXPECT_TRUE(set.has_cues);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"bear", "cat", "clock", "elephant"}));
  ASSERT_EQ(set.items.size(), 3u);
  EXPECT_EQ(set.items[0].id, "bear/bear3-clock12.png");
  EXPECT_EQ(set.items[0].label, 0);
  EXPECT_EQ(set.items[0].shape_label, 0);
  EXPECT_EQ(set.items[0].texture_label, 2);
  EXPECT_EQ(set.items[1].id, "cat/cat10-cat2.png");
  EXPECT_EQ(set.items[1].texture_label, 1);
  EXPECT_EQ(set.items[2].texture_label, 3);
}

TEST(GeirhosStimuli, OneFlatFolderAndALoneTopFolderAreRead) {
  const TemporaryFolder folder;
  write_file(folder.path() / "flat/cat7-elephant1.png", ppm(1));
  write_tar(folder.path() / "x.tar",
            {{"stimuli/cat/cat7-elephant1.png", ppm(1)}, {"stimuli/dog/dog1-cat1.png", ppm(2)}});
  EXPECT_EQ(open_dataset((folder.path() / "flat").string()).kind, "geirhos");
  const auto set = open_dataset((folder.path() / "x.tar").string());
  EXPECT_EQ(set.kind, "geirhos");
  EXPECT_EQ(set.items[1].id, "dog/dog1-cat1.png");
  EXPECT_EQ(set.load_image(1).pixels[0], 2);
}

TEST(GeirhosStimuli, ImagesWithOneCueInTheirNameAreAFolder) {
  const TemporaryFolder folder;
  for (const char* path : {"cat/cat1.png", "dog/dog3.png"}) write_file(folder.path() / path, ppm(1));
  EXPECT_EQ(open_dataset(folder.path().string()).kind, "folder");
  const auto message = message_of<UsageError>([&] { open_dataset("geirhos:" + folder.path().string()); });
  EXPECT_NE(message.find("folder:"), std::string::npos) << message;
}

TEST(GeirhosStimuli, OtherNamesAreLeftOutWithANoteAndContradictionsRefused) {
  const TemporaryFolder folder;
  for (const char* path :
       {"cat/cat7-dog1.png", "dog/dog1-cat1.png", "cat/Cat1-dog1.png", "cat/cat-dog1.png", "cat/7-8.png"}) {
    write_file(folder.path() / path, ppm(1));
  }
  const auto set = open_dataset("geirhos:" + folder.path().string());
  EXPECT_EQ(set.items.size(), 2u);
  ASSERT_EQ(set.notes.size(), 1u);
  EXPECT_EQ(set.notes[0], "Left out: 3 images that are not named SHAPE<n>-TEXTURE<n> (first: cat/7-8.png).");
  write_file(folder.path() / "cat/dog2-cat1.png", ppm(1));
  const auto message = message_of<UsageError>([&] { open_dataset("geirhos:" + folder.path().string()); });
  EXPECT_NE(message.find("cat/dog2-cat1.png"), std::string::npos) << message;
}

}  // namespace
}  // namespace cuebench
