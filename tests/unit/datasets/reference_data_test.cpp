// The readers on real data: counts, labels and pixels that the data's own index files and notes state.

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/digest.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/datasets/file_source.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

using test::TemporaryFolder;

std::vector<int> label_counts(const Dataset& dataset) {
  std::vector<int> counts(dataset.classes.size());
  for (const auto& item : dataset.items) ++counts.at(std::size_t(item.label));
  return counts;
}

/// A column of a CSV file by the value of another column.
std::map<std::string, std::string> column_by(const CsvTable& table, const char* key, const char* value) {
  std::map<std::string, std::string> all;
  for (const auto& row : table.rows) {
    all[row.fields.at(std::size_t(table.column(key)))] = row.fields.at(std::size_t(table.column(value)));
  }
  return all;
}

CsvTable read_csv(const std::filesystem::path& path) {
  return parse_csv(read_text_file(path), path.string());
}

/// Writes every file of an archive to disk.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder) {
  const auto source = open_file_source(archive);
  for (const auto& file : source.files) {
    std::filesystem::create_directories((folder / file.path).parent_path());
    const auto bytes = source.read(file);
    std::ofstream(folder / file.path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  }
}

const std::vector<std::string> kCifarClasses = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                "dog",      "frog",       "horse", "ship", "truck"};

TEST(ReferenceData, CifarTestRecordsHaveThePublishedLabelsDigestAndMeans) {
  CUEBENCH_REQUIRE_SHARED(path, "data/cifar10/test_batch_first1017.bin.xz");
  const auto set = open_dataset(path.string());
  EXPECT_EQ(set.kind, "cifar10");
  ASSERT_EQ(set.items.size(), 1017u);
  EXPECT_EQ(set.items[17].id, "test_batch_first1017.bin#17");
  EXPECT_EQ(set.classes, kCifarClasses);
  EXPECT_EQ(label_counts(set), (std::vector<int>{105, 93, 100, 104, 92, 87, 114, 102, 110, 110}));
  EXPECT_EQ(set.digest, "c77ad46116beb3508f55d38aa34893560beae9515f9aca4a4dd0ea3617ac289e");
  std::array<std::int64_t, 3> sums{};
  for (std::size_t i = 0; i < set.items.size(); ++i) {
    const auto image = set.load_image(i);
    for (std::size_t p = 0; p < image.pixels.size(); ++p) sums[p % 3] += image.pixels[p];
  }
  const std::array<double, 3> stated = {0.4961, 0.4865, 0.4509};  // to four decimals
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(double(sums[c]) / (1017 * 1024 * 255.0), stated[c], 0.00005) << c;
}

TEST(ReferenceData, CifarPixelsEqualThePublishedArray) {
  CUEBENCH_REQUIRE_SHARED(path, "data/cifar10/test_batch_first1017.bin.xz");
  CUEBENCH_REQUIRE_SHARED(array, "data/checkpoints/reference/cifar10_first16_uint8_nhwc_rgb.npy");
  const auto bytes = read_text_file(array);
  const std::size_t pixels = 16 * 32 * 32 * 3;
  ASSERT_GT(bytes.size(), pixels);
  const auto values = bytes.substr(bytes.size() - pixels);
  const auto set = open_dataset(path.string());
  for (std::size_t i = 0; i < 16; ++i) {
    const auto image = set.load_image(i);
    EXPECT_TRUE(std::equal(image.pixels.begin(), image.pixels.end(), values.begin() + std::ptrdiff_t(i * 3072),
                           [](std::uint8_t a, char b) { return a == std::uint8_t(b); }))
        << i;
  }
}

TEST(ReferenceData, CompressedTarOfTheCifarTestSetHasThePublishedLabels) {
  CUEBENCH_REQUIRE_SHARED(path, "data/cifar10/test_jpeg_10000.tar.xz");
  CUEBENCH_REQUIRE_SHARED(index, "data/cifar10/test_index.csv");
  const auto set = open_dataset(path.string());
  EXPECT_EQ(set.kind, "folder");
  EXPECT_EQ(set.classes, kCifarClasses);
  ASSERT_EQ(set.items.size(), 10'000u);
  EXPECT_EQ(label_counts(set), std::vector<int>(10, 1000));
  const auto stated = column_by(read_csv(index), "jpeg_path", "label");
  for (std::size_t i = 0; i < set.items.size(); ++i) {
    EXPECT_EQ(stated.at("test/" + set.items[i].id), std::to_string(set.items[i].label));
    if (i > 0) {
      EXPECT_LT(set.items[i - 1].id, set.items[i].id);  // the folders are flat: text order throughout
    }
  }
  EXPECT_EQ(set.items[0].id, "airplane/0000.jpg");
  const auto image = set.load_image(9'999);
  EXPECT_EQ(image.width, 32);
  EXPECT_EQ(image.height, 32);
}

TEST(ReferenceData, ImageNetSampleHasItsWnidsAsClassesAndItsFilesUnchanged) {
  CUEBENCH_REQUIRE_SHARED(path, "data/imagenet_sample/imagenet_sample_250.tar");
  CUEBENCH_REQUIRE_SHARED(index, "data/imagenet_sample/index.csv");
  const auto set = open_dataset(path.string());
  const auto table = read_csv(index);
  const auto wnids = column_by(table, "path", "wnid"), sizes = column_by(table, "path", "bytes");
  const auto widths = column_by(table, "path", "width"), digests = column_by(table, "path", "sha256");
  ASSERT_EQ(set.items.size(), 250u);
  EXPECT_EQ(set.classes.size(), 250u);
  EXPECT_TRUE(std::is_sorted(set.classes.begin(), set.classes.end()));
  for (const auto& item : set.items) {
    EXPECT_EQ(set.classes[std::size_t(item.label)], wnids.at(item.id));
    EXPECT_EQ(std::to_string(item.bytes), sizes.at(item.id));
  }
  for (std::size_t i = 0; i < 250; i += 50) {
    EXPECT_EQ(std::to_string(set.load_image(i).width), widths.at(set.items[i].id));
  }
  const auto source = open_file_source(path);
  for (const auto& file : source.files) {
    const auto bytes = source.read(file);
    EXPECT_EQ(sha256_of_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), digests.at(file.path));
  }
}

TEST(ReferenceData, CueConflictLabelsEqualTheIndex) {
  CUEBENCH_REQUIRE_SHARED(path, "data/cue_conflict/cue_conflict_96.tar");
  CUEBENCH_REQUIRE_SHARED(index, "data/cue_conflict/index.csv");
  const auto set = open_dataset(path.string());
  const auto table = read_csv(index);
  const auto shapes = column_by(table, "path", "shape"), textures = column_by(table, "path", "texture");
  EXPECT_EQ(set.kind, "geirhos");
  EXPECT_TRUE(set.has_cues);
  ASSERT_EQ(set.items.size(), 96u);
  EXPECT_EQ(set.classes,
            (std::vector<std::string>{"airplane", "bear", "bicycle", "bird", "boat", "bottle", "car", "cat", "chair",
                                      "clock", "dog", "elephant", "keyboard", "knife", "oven", "truck"}));
  for (const auto& item : set.items) {
    EXPECT_EQ(set.classes.at(std::size_t(item.shape_label)), shapes.at(item.id));
    EXPECT_EQ(set.classes.at(std::size_t(item.texture_label)), textures.at(item.id));
    EXPECT_EQ(item.label, item.shape_label);
  }
}

TEST(ReferenceData, FilledSilhouettesAndEdgesAreFolders) {
  for (const char* name :
       {"data/silhouettes/geirhos_edges_160.tar", "data/silhouettes/geirhos_filled_silhouettes_160.tar"}) {
    CUEBENCH_REQUIRE_SHARED(path, name);
    const auto set = open_dataset(path.string());
    EXPECT_EQ(set.kind, "folder");
    EXPECT_EQ(label_counts(set), std::vector<int>(16, 10));
    EXPECT_EQ(set.load_image(0).width, 224);
  }
}

TEST(ReferenceData, BadImagesAreReadFromDiskAndFromTheArchiveAlike) {
  CUEBENCH_REQUIRE_SHARED(path, "data/bad_images/bad_images.tar");
  CUEBENCH_REQUIRE_SHARED(index, "data/bad_images/expected.csv");
  const TemporaryFolder folder;
  unpack(path, folder.path());
  const auto disk = open_dataset("folder:" + folder.path().string());
  const auto archive = open_dataset("folder:" + path.string());
  EXPECT_EQ(disk.digest, archive.digest);
  EXPECT_EQ(disk.classes, (std::vector<std::string>{"libjpeg", "made", "pngsuite"}));
  const auto expected = column_by(read_csv(index), "file", "expected");
  std::set<std::string> stated;
  for (const auto& [file, verdict] : expected) {
    if (has_image_extension(file)) stated.insert(file);
  }
  ASSERT_EQ(disk.items.size(), stated.size());
  for (std::size_t i = 0; i < disk.items.size(); ++i) {
    const auto& id = disk.items[i].id;
    EXPECT_TRUE(stated.contains(id)) << id;
    const auto outcome = [](const Dataset& set, std::size_t item) {
      try {
        const auto image = set.load_image(item);
        return std::to_string(image.width) + "x" + std::to_string(image.height);
      } catch (const ImageError& error) {
        return std::string("bad: ") + error.what();
      }
    };
    const auto from_disk = outcome(disk, i);
    EXPECT_EQ(from_disk, outcome(archive, i)) << id;
    if (id == "made/w_animated.webp") continue;  // a good file of a kind that the decoder refuses by name
    EXPECT_EQ(from_disk.starts_with("bad: ") ? "bad" : "ok", expected.at(id)) << id << " gives " << from_disk;
  }
}

TEST(ReferenceData, CocoPhotosHaveTheirMasks) {
  CUEBENCH_REQUIRE_SHARED(path, "data/silhouettes/coco_photos_masks.tar");
  CUEBENCH_REQUIRE_SHARED(index, "data/silhouettes/coco_index.csv");
  const auto fractions = column_by(read_csv(index), "photo", "mask_fraction");
  const auto set = open_dataset(path.string(), {.decode = {}, .masks = path});
  EXPECT_EQ(set.items.size(), 218u);  // 109 photos, and as many PNGs of instances, which are images for the reader
  std::size_t photos = 0;
  for (std::size_t i = 0; i < set.items.size(); ++i) {
    const auto stated = fractions.find(set.items[i].id);
    if (stated == fractions.end()) continue;
    ++photos;
    const auto mask = set.load_mask(i);
    const auto image = set.load_image(i);
    ASSERT_TRUE(mask) << set.items[i].id;
    ASSERT_EQ(mask->width, image.width);
    ASSERT_EQ(mask->height, image.height);
    const auto inside = std::count_if(mask->pixels.begin(), mask->pixels.end(), [](auto v) { return v >= 128; });
    EXPECT_NEAR(double(inside) / double(mask->pixels.size()), std::stod(stated->second), 0.00005) << set.items[i].id;
  }
  EXPECT_EQ(photos, 109u);
}

TEST(ReferenceData, CocoListTakesMasksFromItsColumn) {
  CUEBENCH_REQUIRE_SHARED(path, "data/silhouettes/coco_photos_masks.tar");
  CUEBENCH_REQUIRE_SHARED(index, "data/silhouettes/coco_index.csv");
  const TemporaryFolder folder;
  unpack(path, folder.path());
  const auto table = read_csv(index);
  std::string csv = "path,label,mask\n";
  for (const auto& row : table.rows) {
    csv += row.fields.at(std::size_t(table.column("photo"))) + ',' +
           csv_field(row.fields.at(std::size_t(table.column("category")))) + ',' +
           row.fields.at(std::size_t(table.column("mask"))) + '\n';
  }
  std::ofstream(folder.path() / "list.csv") << csv;
  const auto set = open_dataset((folder.path() / "list.csv").string());
  ASSERT_EQ(set.items.size(), 109u);
  EXPECT_EQ(set.classes.size(), 34u);
  EXPECT_TRUE(set.notes.empty());
  for (std::size_t i = 0; i < set.items.size(); i += 20) {
    const auto mask = set.load_mask(i);
    ASSERT_TRUE(mask);
    EXPECT_EQ(mask->width, set.load_image(i).width);
  }
}

}  // namespace
}  // namespace cuebench
