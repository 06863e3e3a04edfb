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

class ImageList : public ::testing::Test {
 protected:
  Dataset open(std::string_view csv) const {
    write_file(path_, csv);
    return open_dataset("list:" + path_.string());
  }
  std::string error(std::string_view csv) const {
    return message_of<UsageError>([&] { open(csv); });
  }
  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "set/list.csv";
};

TEST_F(ImageList, NamesAreSortedIntoClassesAndPathsAreRelativeToTheList) {
  write_file(folder_.path() / "set/images/a.ppm", ppm(7, 8, 9));
  write_file(folder_.path() / "outside.ppm", ppm(3));
  const auto set = open("path,label\nimages/a.ppm,zebra\n./images/../../outside.ppm,ant\n");
  EXPECT_EQ(set.classes, (std::vector<std::string>{"ant", "zebra"}));
  ASSERT_EQ(set.items.size(), 2u);
  EXPECT_EQ(set.items[0].id, "images/a.ppm");
  EXPECT_EQ(set.items[0].label, 1);
  EXPECT_EQ(set.items[0].bytes, 14);
  EXPECT_EQ(set.items[1].id, "../outside.ppm");
  EXPECT_EQ(set.items[1].label, 0);
  EXPECT_EQ(set.load_image(0).pixels, (std::vector<std::uint8_t>{7, 8, 9}));
  EXPECT_EQ(set.load_image(1).pixels, (std::vector<std::uint8_t>{3, 0, 0}));
  EXPECT_FALSE(set.has_cues);
  EXPECT_FALSE(set.load_mask(0));
}

TEST_F(ImageList, IntegersAreClassIndicesOnlyWhenAllLabelsAreIntegers) {
  const auto indices = open("path,label\na.ppm,3\nb.ppm,0\nc.ppm,\n");
  EXPECT_EQ(indices.classes, (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(indices.items[0].label, 3);
  EXPECT_EQ(indices.items[1].label, 0);
  EXPECT_EQ(indices.items[2].label, -1);
  const auto names = open("path,label\na.ppm,3\nb.ppm,cat\nc.ppm,10\n");
  EXPECT_EQ(names.classes, (std::vector<std::string>{"10", "3", "cat"}));
  EXPECT_EQ(names.items[0].label, 1);
}

TEST_F(ImageList, ShapeAndTextureColumnsAreCuesOverTheSameClasses) {
  const auto set = open("texture,path,shape,label,width\ndog,a.ppm,cat,cat,1\nowl,b.ppm,,dog,1\n");
  EXPECT_TRUE(set.has_cues);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"cat", "dog", "owl"}));
  EXPECT_EQ(set.items[0].shape_label, 0);
  EXPECT_EQ(set.items[0].texture_label, 1);
  EXPECT_EQ(set.items[1].label, 1);
  EXPECT_EQ(set.items[1].shape_label, -1);
  EXPECT_EQ(set.items[1].texture_label, 2);
}

TEST_F(ImageList, TheMaskColumnGivesMasksAndABrokenOneIsAnImageError) {
  write_file(folder_.path() / "set/a.ppm", ppm(1));
  write_file(folder_.path() / "set/m.pgm", pgm(2, 3, 255));
  const auto set = open("path,label,mask\na.ppm,x,m.pgm\nb.ppm,x,\nc.ppm,x,gone.pgm\n");
  const auto mask = set.load_mask(0);
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->width, 2);
  EXPECT_EQ(mask->height, 3);
  EXPECT_EQ(mask->pixels, std::vector<std::uint8_t>(6, 255));
  EXPECT_FALSE(set.load_mask(1));
  EXPECT_EQ(message_of<ImageError>([&] { set.load_mask(2); }), "mask: no such file");
}

TEST_F(ImageList, MissingFilesAreImageErrorsAtLoadAndANoteAtOpening) {
  write_file(folder_.path() / "set/a.ppm", ppm(1));
  std::filesystem::create_directories(folder_.path() / "set/folder.png");
  const auto set = open("path,label\na.ppm,x\nb.ppm,x\nfolder.png,y\n");
  ASSERT_EQ(set.notes.size(), 1u);
  EXPECT_EQ(set.notes[0], "Listed files that are not there: 2 of 3 (first: b.ppm).");
  EXPECT_EQ(set.items[1].bytes, 0);
  EXPECT_EQ(message_of<ImageError>([&] { set.load_image(1); }), "no such file");
  EXPECT_EQ(message_of<ImageError>([&] { set.load_image(2); }), "is a folder");
}

TEST_F(ImageList, QuotesByteOrderMarkAndCarriageReturnsAreRead) {
  const auto set = open("\xef\xbb\xbfpath,label\r\n\"a, \"\"b\"\".ppm\",\"big cat\"\r\n\r\nc.ppm,dog\r\n");
  ASSERT_EQ(set.items.size(), 2u);
  EXPECT_EQ(set.items[0].id, "a, \"b\".ppm");
  EXPECT_EQ(set.classes, (std::vector<std::string>{"big cat", "dog"}));
}

TEST_F(ImageList, MalformedRowsAreUsageErrorsWithFileAndLine) {
  const auto at_line = [&](std::string_view csv, int line) {
    const auto message = error(csv);
    return message.find("list.csv, line " + std::to_string(line)) != std::string::npos ? "" : "got: " + message;
  };
  EXPECT_EQ(at_line("path,label\na.ppm,x\nb.ppm\n", 3), "");
  EXPECT_EQ(at_line("path,label\na.ppm,x\n,y\n", 3), "");
  EXPECT_EQ(at_line("path,label\na.ppm,x\n\n./a.ppm,y\n", 4), "");
  EXPECT_EQ(at_line("path,label\na.ppm,99999999999999999999\n", 2), "");
  EXPECT_EQ(at_line("path,label\na.ppm,1000000\n", 2), "");
}

TEST_F(ImageList, WrongHeadersAndEmptyListsAreUsageErrors) {
  EXPECT_NE(error("a.ppm,cat\nb.ppm,dog\n").find("path,label"), std::string::npos);
  EXPECT_NE(error("path,label,shape\na.ppm,x,y\n").find("texture"), std::string::npos);
  EXPECT_NE(error("path,label\n").find("lists no image"), std::string::npos);
  EXPECT_NE(error(""), "");
  EXPECT_NE(message_of<UsageError>([&] { open_dataset("list:" + folder_.path().string()); }), "");
}

TEST_F(ImageList, DigestFollowsLabelsAndSizes) {
  write_file(folder_.path() / "set/a.ppm", ppm(1));
  const auto digest = open("path,label\na.ppm,x\nb.ppm,y\n").digest;
  EXPECT_NE(open("path,label\na.ppm,y\nb.ppm,x\n").digest, digest);
  EXPECT_EQ(open("label,path\nx,a.ppm\ny,b.ppm\n").digest, digest);
  write_file(folder_.path() / "set/b.ppm", ppm(1));
  EXPECT_NE(open("path,label\na.ppm,x\nb.ppm,y\n").digest, digest);
}

}  // namespace
}  // namespace cuebench
