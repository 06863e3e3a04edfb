// The corruptions of ImageNet-C against numbers that other code computed (variants.json of the reference).

#include <algorithm>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "transforms/corruptions/corruption.hpp"
#include "transforms/kernels/additive_noise.hpp"
#include "transforms/kernels/disk_kernel.hpp"
#include "transforms/kernels/jpeg_pass.hpp"

namespace cuebench {
namespace {

using test::expect_values;
using test::Fixtures;
using test::Json;
using test::Values;

const CorruptionInfo& corruption_named(std::string_view name) {
  for (const CorruptionInfo* info : registered_corruptions())
    if (info->name == name) return *info;
  throw std::invalid_argument("no such corruption");
}

Image corrupted(std::string_view name, const SeverityRow& row, const Image& image) {
  RandomStream random(0, "fixture", name);
  return corruption_named(name).make(row, CorruptionScale::imagenet)(image, random);
}

/// The row that the fixture's severity names.
const SeverityRow& row_of(std::string_view name, const Json& one) {
  return corruption_named(name).imagenet.at(one["params"]["severity"].get<std::size_t>() - 1);
}

class SeverityFixtures : public ::testing::TestWithParam<std::pair<std::string_view, int>> {};

TEST_P(SeverityFixtures, Agree) {
  OPEN_FIXTURES(fixtures);
  const auto [name, count] = GetParam();
  EXPECT_EQ(count, fixtures.each("imagenetc." + std::string(name), [&](const Json& one) {
    expect_values(one, corrupted(name, row_of(name, one), fixtures.image(one["input"])).pixels);
  }));
}

INSTANTIATE_TEST_SUITE_P(ImageNetC, SeverityFixtures,
                         ::testing::Values(std::pair{"contrast", 3}, std::pair{"brightness", 3},
                                           std::pair{"saturate", 4}, std::pair{"gaussian_blur", 4},
                                           std::pair{"defocus_blur", 2}, std::pair{"zoom_blur", 2}),
                         [](const auto& of) { return std::string(of.param.first); });

TEST(ImageNetCFixtures, TheDiskKernelsCentre) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(2, fixtures.each("imagenetc.disk_kernel_centre", [&](const Json& one) {
    const cv::Mat1f kernel = disk_kernel(one["params"]["radius"], one["params"]["alias_blur"]);
    ASSERT_EQ(kernel.rows, 17);
    const int side = one["expect"]["shape"][0], margin = (kernel.rows - side) / 2;
    expect_values(one, cv::Mat1f(kernel(cv::Rect(margin, margin, side, side)).clone()));
  }));
}

TEST(ImageNetCFixtures, Pixelate) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(3, fixtures.each("imagenetc.pixelate", [&](const Json& one) {
    expect_values(one,
                  corrupted("pixelate", {one["params"]["factor"].get<double>()}, fixtures.image(one["input"])).pixels);
  }));
}

/// The fixtures allow 4 levels and 1 on average for another JPEG library; ours is the one that made them.
void expect_equal_bytes(Json one, const Image& found) {
  one["tolerance"]["abs"] = 0;
  expect_values(one, found.pixels);
}

TEST(ImageNetCFixtures, JpegAndSaving) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(2, fixtures.each("imagenetc.jpeg", [&](const Json& one) {
    const double quality = one["params"]["quality"];
    expect_equal_bytes(one, corrupted("jpeg_compression", {quality}, fixtures.image(one["input"])));
  }));
  EXPECT_EQ(1, fixtures.each("imagenetc.save_step", [&](const Json& one) {
    expect_equal_bytes(one, through_jpeg(fixtures.image(one["input"]), one["params"]["quality"]));
  }));
}

TEST(ImageNetCFixtures, NoiseWithGivenNumbers) {
  OPEN_FIXTURES(fixtures);
  std::vector<float> normal;
  EXPECT_EQ(1, fixtures.each("imagenetc.gaussian_noise.given", [&](const Json& one) {
    normal = one["params"]["standard_normal"].get<std::vector<float>>();
    expect_values(one, with_noise(fixtures.image(one["input"]), normal, one["params"]["scale"]).pixels);
  }));
  EXPECT_EQ(1, fixtures.each("imagenetc.speckle_noise.given", [&](const Json& one) {
    expect_values(one, with_speckle(fixtures.image(one["input"]), normal, one["params"]["scale"]).pixels);
  }));
}

}  // namespace
}  // namespace cuebench
