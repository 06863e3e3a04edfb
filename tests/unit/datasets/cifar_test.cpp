#include <algorithm>

#include <gtest/gtest.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::Compression;
using test::message_of;
using test::TarFormat;
using test::TemporaryFolder;
using test::write_compressed;
using test::write_file;
using test::write_tar;

/// Value of a pixel, different for neighbours, channels and records.
std::uint8_t value(int record, int channel, int pixel) {
  return std::uint8_t(31 * record + 85 * channel + pixel);
}

std::string records(int count, int label_bytes) {
  std::string bytes;
  for (int record = 0; record < count; ++record) {
    if (label_bytes == 2) bytes += char(record % 20);
    bytes += char(label_bytes == 2 ? 99 - record : record % 10);
    for (int channel = 0; channel < 3; ++channel) {
      for (int pixel = 0; pixel < 1024; ++pixel) bytes += char(value(record, channel, pixel));
    }
  }
  return bytes;
}

void expect_pixels(const Image& image, int record) {
  ASSERT_EQ(image.height, 32);
  ASSERT_EQ(image.width, 32);
  for (const auto& [y, x] : {std::pair(0, 0), {0, 31}, {31, 0}, {17, 5}}) {
    for (int channel = 0; channel < 3; ++channel) {
      EXPECT_EQ(image.row(y)[3 * x + channel], value(record, channel, 32 * y + x)) << y << ' ' << x << ' ' << channel;
    }
  }
}

TEST(CifarBinary, RecordsArePlanarAndIdsCountThem) {
  const TemporaryFolder folder;
  write_file(folder.path() / "test_batch.bin", records(12, 1));
  const auto set = open_dataset("cifar10:" + (folder.path() / "test_batch.bin").string());
  ASSERT_EQ(set.items.size(), 12u);
  EXPECT_EQ(set.items[11].id, "test_batch.bin#11");
  EXPECT_EQ(set.items[11].label, 1);
  EXPECT_EQ(set.items[11].bytes, 3073);
  EXPECT_EQ(set.classes.size(), 10u);
  EXPECT_EQ(set.classes[0], "airplane");
  EXPECT_EQ(set.classes[9], "truck");
  EXPECT_TRUE(std::is_sorted(set.classes.begin(), set.classes.end()));
  EXPECT_EQ(set.digest, sha256_of_text(records(12, 1)));
  expect_pixels(set.load_image(0), 0);
  expect_pixels(set.load_image(11), 11);
  EXPECT_THROW(set.load_image(12), std::out_of_range);
  EXPECT_FALSE(set.load_mask(0));
}

TEST(CifarBinary, Cifar100TakesTheFineLabel) {
  const TemporaryFolder folder;
  write_file(folder.path() / "test.bin", records(5, 2));
  const auto set = open_dataset("cifar100:" + folder.path().string());
  ASSERT_EQ(set.items.size(), 5u);
  EXPECT_EQ(set.items[3].id, "test.bin#3");
  EXPECT_EQ(set.items[3].label, 96);
  EXPECT_EQ(set.items[3].bytes, 3074);
  EXPECT_EQ(set.classes.size(), 100u);
  EXPECT_TRUE(std::is_sorted(set.classes.begin(), set.classes.end()));
  EXPECT_EQ(std::adjacent_find(set.classes.begin(), set.classes.end()), set.classes.end());
  EXPECT_EQ(set.classes[0], "apple");
  EXPECT_EQ(set.classes[50], "mouse");
  EXPECT_EQ(set.classes[99], "worm");
  expect_pixels(set.load_image(4), 4);
}

TEST(CifarBinary, EveryWayToPackItGivesTheSameSet) {
  const TemporaryFolder folder;
  const auto bytes = records(10, 1);
  const auto root = folder.path();
  write_file(root / "plain/test_batch.bin", bytes);
  write_file(root / "plain/data_batch_1.bin", records(3, 1));
  write_file(root / "outer/cifar-10-batches-bin/test_batch.bin", bytes);
  std::filesystem::create_directory(root / "packed");
  write_compressed(root / "packed/test_batch.bin.gz", bytes, Compression::gzip);
  write_compressed(root / "test_batch.bin.xz", bytes, Compression::xz);
  write_tar(root / "cifar.tar.gz",
            {{"cifar-10-batches-bin/data_batch_1.bin", records(3, 1)}, {"cifar-10-batches-bin/test_batch.bin", bytes}},
            TarFormat::gnu, Compression::gzip);
  const auto expected = open_dataset((root / "plain").string());
  EXPECT_EQ(expected.kind, "cifar10");
  for (const char* name : {"outer", "packed", "packed/test_batch.bin.gz", "test_batch.bin.xz", "cifar.tar.gz"}) {
    const auto set = open_dataset((root / name).string());
    EXPECT_EQ(set.kind, "cifar10") << name;
    EXPECT_EQ(set.digest, expected.digest) << name;
    ASSERT_EQ(set.items.size(), expected.items.size());
    EXPECT_EQ(set.items.back().id, "test_batch.bin#9") << name;
    EXPECT_EQ(set.load_image(7), expected.load_image(7)) << name;
  }
}

TEST(CifarBinary, TheTwoSetsAreToldApart) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a.bin", records(9, 1));
  write_file(folder.path() / "b.bin", records(9, 2));
  EXPECT_EQ(open_dataset((folder.path() / "a.bin").string()).kind, "cifar10");
  EXPECT_EQ(open_dataset((folder.path() / "b.bin").string()).kind, "cifar100");
}

TEST(CifarBinary, WrongSizesLabelsAndFoldersAreUsageErrorsWithTheRemedy) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& name) {
    return message_of<UsageError>([&] { open_dataset("cifar10:" + (folder.path() / name).string()); });
  };
  write_file(folder.path() / "short.bin", records(2, 1) + "x");
  EXPECT_NE(message("short.bin").find("6147 bytes"), std::string::npos) << message("short.bin");
  EXPECT_NE(message("short.bin").find("3073"), std::string::npos);
  auto wrong = records(300, 1);
  wrong[3073 * 270] = 10;
  write_file(folder.path() / "label.bin", wrong);
  EXPECT_NE(message("label.bin").find("record 270"), std::string::npos) << message("label.bin");
  write_file(folder.path() / "empty.bin", "");
  EXPECT_NE(message("empty.bin").find("empty"), std::string::npos);
  write_file(folder.path() / "python/test_batch", "pickle");
  EXPECT_NE(message("python").find("Python version"), std::string::npos) << message("python");
  write_file(folder.path() / "train/data_batch_1.bin", records(1, 1));
  EXPECT_NE(message("train").find("data_batch_1.bin"), std::string::npos) << message("train");
  EXPECT_NE(message("absent"), "");
}

TEST(CifarBinary, ATruncatedCompressedFileIsAUsageError) {
  const TemporaryFolder folder;
  for (const auto compression : {Compression::gzip, Compression::xz}) {
    const auto path = folder.path() / "cut.bin.x";
    write_compressed(path, records(40, 1), compression);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 60);
    const auto message = message_of<UsageError>([&] { open_dataset("cifar10:" + path.string()); });
    EXPECT_NE(message.find("cut short or damaged"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace cuebench
