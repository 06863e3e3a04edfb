// Decoding and resizing against Pillow, an independent implementation, on real photographs and made-up files.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/imaging/resize.hpp>

#include "oracle.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

struct Difference {
  std::size_t pixels = 0, differing = 0;
  int largest = 0;

  void add(const std::vector<std::uint8_t>& ours, const std::vector<std::uint8_t>& theirs) {
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const int difference = std::abs(ours[i] - theirs[i]);
      differing += difference != 0;
      largest = std::max(largest, difference);
    }
    pixels += ours.size();
  }
};

std::string rgb_sha256(const Image& image) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(image.pixels)));
  return digest.finish();
}

TEST(PillowParity, PhotographsDecodeAndResizeToTheSamePixels) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  CUEBENCH_REQUIRE_PILLOW();
  std::map<std::string, Difference> differences;
  Image image;
  int photos = 0;
  test::for_each_oracle_record("photos '" + tar.string() + "'", [&](const test::OracleRecord& record) {
    if (record.name == "bilinear") {  // the first of each photo's four
      image = decode_image(record.file());
      ++photos;
      EXPECT_EQ(rgb_sha256(image), record.values.at("rgb_sha256"));
    }
    const Image ours = apply_preset(parse_preset("custom:resize=256,crop=224,resampling=" + record.name), image);
    ASSERT_EQ(ours.pixels.size(), record.parts.at("output").size());
    differences[record.name].add(ours.pixels, record.parts.at("output"));
  });
  EXPECT_EQ(photos, 250);
  EXPECT_EQ(differences.size(), 4u);
  for (const auto& [name, difference] : differences) {
    std::cout << name << ": equal to Pillow on "
              << 100.0 * (1.0 - double(difference.differing) / double(difference.pixels)) << " % of "
              << difference.pixels << " samples, largest difference " << difference.largest << "\n";
    // Zero and not one: the arithmetic is Pillow's, integer for integer.
    EXPECT_EQ(difference.largest, 0) << name;
  }
}

TEST(PillowParity, OddSizesResizeToTheSamePixelsWithEveryKernel) {
  CUEBENCH_REQUIRE_PILLOW();
  int cases = 0;
  test::for_each_oracle_record("resize 20240229", [&](const test::OracleRecord& record) {
    Image input(record.integer("height"), record.integer("width"));
    input.pixels = record.parts.at("input");
    const int height = record.integer("out_height"), width = record.integer("out_width");
    const Image ours = resize(input, height, width, parse_resampling(record.name));
    EXPECT_EQ(ours.pixels, record.parts.at("output"))
        << record.name << " " << input.height << "x" << input.width << " to " << height << "x" << width;
    ++cases;
  });
  EXPECT_EQ(cases, 52 * 5);
}

TEST(PillowParity, FilesOfEveryFormatAndModeDecodeToTheSamePixels) {
  CUEBENCH_REQUIRE_PILLOW();
  int cases = 0;
  test::for_each_oracle_record("formats 7", [&](const test::OracleRecord& record) {
    SCOPED_TRACE(record.name + " " + record.values.at("width") + "x" + record.values.at("height"));
    DecodeOptions options;
    options.apply_exif_orientation = record.integer("exif") == 1;
    try {
      const Image image = decode_image(record.file(), options);
      EXPECT_EQ(image.height, record.integer("height"));
      EXPECT_EQ(image.width, record.integer("width"));
      EXPECT_TRUE(image.pixels == record.parts.at("output")) << "pixels differ";
      EXPECT_TRUE(decode_plane(record.file(), options).pixels == record.parts.at("luminance")) << "luminance differs";
    } catch (const ImageError& error) {
      ADD_FAILURE() << error.what();
    }
    ++cases;
  });
  EXPECT_GT(cases, 350);
}

}  // namespace
}  // namespace cuebench
