#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::message_of;
using test::pgm;
using test::ppm;
using test::TemporaryFolder;
using test::write_file;
using test::write_tar;

/// The grey level that tells which of several candidates was taken; -1 for no mask.
int level(const Dataset& set, std::size_t index) {
  const auto mask = set.load_mask(index);
  return mask ? mask->pixels.at(0) : -1;
}

class Masks : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* path : {"cat/a.jpg", "cat/b.jpg", "dog/c.png"}) write_file(data_ / path, ppm(1));
  }
  Dataset open(const std::filesystem::path& masks) const {
    return open_dataset(data_.string(), {.decode = {}, .masks = masks});
  }
  const TemporaryFolder folder_;
  const std::filesystem::path data_ = folder_.path() / "data";
  const std::filesystem::path masks_ = folder_.path() / "masks";
};

TEST_F(Masks, AreFoundByStemInTheOrderThatTheHeaderStates) {
  write_file(masks_ / "cat/a.png", pgm(1, 1, 10));
  write_file(masks_ / "cat/a.mask.png", pgm(1, 1, 20));
  write_file(masks_ / "cat/b.jpg.mask.png", pgm(1, 1, 30));
  write_file(masks_ / "cat/b.png", pgm(1, 1, 40));
  write_file(masks_ / "dog/c.pgm", pgm(1, 1, 50));
  const auto set = open(masks_);
  EXPECT_EQ(level(set, 0), 20);
  EXPECT_EQ(level(set, 1), 30);
  EXPECT_EQ(level(set, 2), 50);
  EXPECT_TRUE(set.notes.empty());
}

TEST_F(Masks, AreReadFromAnArchiveBelowItsTopFolder) {
  const auto tar = folder_.path() / "masks.tar";
  write_tar(tar, {{"all/cat/a.jpg", pgm(1, 1, 10)}, {"all/dog/c.png", pgm(2, 1, 20)}});
  const auto set = open(tar);
  EXPECT_EQ(level(set, 0), 10);
  EXPECT_EQ(level(set, 1), -1);
  EXPECT_EQ(level(set, 2), 20);
  ASSERT_EQ(set.notes.size(), 1u);
  EXPECT_EQ(set.notes[0], "Images without a mask: 1 of 3 (first: cat/b.jpg).");
}

TEST_F(Masks, BesideTheImagesAreTakenAsMasksAndNotAsImages) {
  write_file(data_ / "cat/a.mask.png", pgm(1, 1, 10));
  write_file(data_ / "cat/lonely.mask.png", ppm(9));
  for (const auto& masks : {std::filesystem::path(), data_}) {
    const auto set = open(masks);
    ASSERT_EQ(set.items.size(), 4u);
    EXPECT_EQ(set.items[2].id, "cat/lonely.mask.png");
    EXPECT_EQ(level(set, 0), 10);
    EXPECT_EQ(level(set, 1), -1);
  }
}

TEST_F(Masks, ThatFitNoImageAreAUsageErrorWithTheNamesExpected) {
  write_file(masks_ / "other.png", pgm(1, 1, 10));
  const auto message = message_of<UsageError>([&] { open(masks_); });
  EXPECT_NE(message.find("cat/a.mask.png"), std::string::npos) << message;
  EXPECT_NE(message_of<UsageError>([&] { open(data_); }), "") << "the data set has none beside its images";
  EXPECT_NE(message_of<UsageError>([&] { open(folder_.path() / "absent"); }), "");
}

TEST_F(Masks, ThatAreBrokenAreImageErrors) {
  write_file(masks_ / "cat/a.png", "no image");
  const auto set = open(masks_);
  EXPECT_EQ(message_of<ImageError>([&] { set.load_mask(0); }).substr(0, 6), "mask: ");
}

}  // namespace
}  // namespace cuebench
