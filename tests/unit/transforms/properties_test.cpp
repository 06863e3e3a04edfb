// Properties that the definitions imply, on drawn pictures and on every 8-bit value.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "transforms/kernels/automatic_mask.hpp"
#include "transforms/kernels/domain_transform.hpp"
#include "transforms/kernels/saturation.hpp"

namespace cuebench {
namespace {

TEST(GrayscaleTest, GreyPixelsAreFixedPointsAndChannelsAreEqual) {
  for (const char* text : {"grayscale:weights=709", "grayscale:weights=601"}) {
    const Variant grey = make_variant(text);
    const Image once = grey.apply(test::noise_picture(30, 30), {}).image;
    for (std::size_t i = 0; i < once.pixels.size(); i += 3)
      EXPECT_TRUE(once.pixels[i] == once.pixels[i + 1] && once.pixels[i] == once.pixels[i + 2]);
    EXPECT_EQ(grey.apply(once, {}).image, once) << text;
  }
}

TEST(SaturateTest, TwoIsTheIdentityAndInfinityIsBinary) {
  const auto identity = saturation_table(2);
  for (int v = 0; v < 256; ++v) EXPECT_EQ(identity[v], v);
  for (const auto v : saturation_table(std::numeric_limits<double>::infinity())) EXPECT_TRUE(v == 0 || v == 255);
  EXPECT_EQ(saturated(0.5, std::numeric_limits<double>::infinity()), 0.5);
}

RC_GTEST_PROP(SaturateTest, KeepsOrderAndSymmetryForEveryStrength, ()) {
  const double p = std::exp2(*rc::gen::inRange(-600, 1100) / 100.0);
  const auto table = saturation_table(p);
  for (int v = 1; v < 256; ++v) RC_ASSERT(table[v - 1] <= table[v]);
  // About 127.5; the rounding of exact halves goes up on both sides.
  for (int v = 0; v < 256; ++v) RC_ASSERT(std::abs(table[v] + table[255 - v] - 255) <= 1);
}

TEST(SaturateTest, TheDistanceFromTheOriginalGrowsWithTheLevel) {
  const Image image = test::drawn_picture(50, 50);
  double last = 0;
  for (const char* p : {"4", "8", "16", "64", "1024"}) {
    const Image changed = make_variant(std::string("saturate:p=") + p).apply(image, {}).image;
    double distance = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) distance += std::abs(image.pixels[i] - changed.pixels[i]);
    EXPECT_GT(distance, last) << p;
    last = distance;
  }
}

RC_GTEST_PROP(PatchShuffleTest, KeepsTheMultisetOfPixels, ()) {
  const int k = *rc::gen::inRange(2, 9), height = *rc::gen::inRange(k, 40), width = *rc::gen::inRange(k, 40);
  const Image image = test::noise_picture(height, width);
  const auto text = "patch_shuffle:k=" + std::to_string(k);
  const Image result = make_variant(text).apply(image, {.seed = *rc::gen::arbitrary<std::uint64_t>()}).image;
  const auto sorted_pixels = [](const Image& of) {
    std::vector<std::array<std::uint8_t, 3>> pixels;
    for (std::size_t i = 0; i < of.pixels.size(); i += 3)
      pixels.push_back({of.pixels[i], of.pixels[i + 1], of.pixels[i + 2]});
    std::sort(pixels.begin(), pixels.end());
    return pixels;
  };
  RC_ASSERT(sorted_pixels(result) == sorted_pixels(image));
  RC_ASSERT(result != image);
  // Rows and columns that k does not divide stay.
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (y >= height / k * k || x >= width / k * k)
        RC_ASSERT(std::equal(image.row(y) + 3 * x, image.row(y) + 3 * x + 3, result.row(y) + 3 * x));
}

/// How often each order of the four cells of a 2 x 2 image comes out in `draws` draws.
std::map<std::string, int> orders(const std::string& text, int draws) {
  Image image(2, 2);
  std::iota(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
  const Variant variant = make_variant(text);
  std::map<std::string, int> counts;
  for (int i = 0; i < draws; ++i) ++counts[test::key_of(variant.apply(image, {.item_id = std::to_string(i)}).image)];
  return counts;
}

TEST(PatchShuffleTest, DrawsEveryOrderEquallyOftenAndTheIdentityOnlyWhenAllowed) {
  constexpr int kDraws = 24000;
  for (const auto& [text, different] : {std::pair{"patch_shuffle:k=2", 23},
                                        {"patch_shuffle:k=2,layout=atcnn", 23},
                                        {"patch_shuffle:k=2,allow_identity=yes", 24}}) {
    const auto counts = orders(text, kDraws);
    EXPECT_EQ(counts.size(), different) << text;
    const double expected = double(kDraws) / different;
    double chi_squared = 0;
    for (const auto& [order, count] : counts) chi_squared += (count - expected) * (count - expected) / expected;
    EXPECT_LT(chi_squared, 56) << text << ": above in 1 of 10000 fair draws (23 degrees of freedom)";
  }
}

TEST(PatchShuffleTest, MoreCellsThanPixelsAreRefusedWithTheSize) {
  try {
    make_variant("patch_shuffle:k=8").apply(test::drawn_picture(7, 20), {.item_id = "a/b.png"});
    FAIL();
  } catch (const UsageError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("k=8"), std::string::npos);
    EXPECT_NE(message.find("20x7"), std::string::npos);
    EXPECT_NE(message.find("a/b.png"), std::string::npos);
  }
}

TEST(SilhouetteTest, PrefersTheMaskOfTheDataSetAndSaysWhichItUsed) {
  const Image image = test::drawn_picture(60, 60);
  Plane mask(60, 60);
  for (int y = 10; y < 30; ++y) std::fill_n(mask.row(y) + 5, 40, std::uint8_t{130});
  const TransformContext with{.mask = &mask}, without{};
  const auto from_file = make_variant("silhouette").apply(image, with);
  EXPECT_EQ(from_file.note, "mask=file");
  EXPECT_EQ(from_file.image.row(10)[15], 0);
  EXPECT_EQ(from_file.image.row(9)[15], 255);
  EXPECT_EQ(make_variant("silhouette:mask=file,polarity=white_on_black").apply(image, with).image.row(10)[15], 255);
  EXPECT_EQ(make_variant("silhouette:threshold=131").apply(image, with).image.row(10)[15], 255);
  EXPECT_EQ(make_variant("silhouette").apply(image, without).note, "mask=automatic");
  EXPECT_EQ(make_variant("silhouette:mask=mbd").apply(image, with).note, "mask=automatic");
  EXPECT_THROW(make_variant("silhouette:mask=file").apply(image, without), UsageError);
  const Plane small(3, 3);
  EXPECT_THROW(make_variant("silhouette").apply(image, {.mask = &small}), UsageError);
}

TEST(SilhouetteTest, FallsBackToADiscWhereNoObjectIsFound) {
  Image flat(50, 50);
  std::fill(flat.pixels.begin(), flat.pixels.end(), std::uint8_t{90});
  const auto result = make_variant("silhouette").apply(flat, {});
  EXPECT_EQ(result.note, "mask=fallback_disc");
  const auto dark = std::count(result.image.pixels.begin(), result.image.pixels.end(), 0);
  EXPECT_NEAR(double(dark) / (3 * 2500), 0.36, 0.02) << "36 % of the area, to a pixel of the outline";
}

TEST(AutomaticMask, PlausibilityIsAreaAndBorder) {
  const auto filled = [](int top, int bottom, int left, int right) {
    Plane mask(20, 20);
    for (int y = top; y < bottom; ++y) std::fill(mask.row(y) + left, mask.row(y) + right, std::uint8_t{255});
    return mask;
  };
  EXPECT_TRUE(is_plausible_mask(centred_disc(20, 20)));
  EXPECT_FALSE(is_plausible_mask(filled(0, 0, 0, 0)));
  EXPECT_FALSE(is_plausible_mask(filled(8, 12, 8, 12))) << "4 % of the area";
  EXPECT_TRUE(is_plausible_mask(filled(8, 13, 8, 12))) << "5 % of the area";
  EXPECT_FALSE(is_plausible_mask(filled(1, 19, 1, 20))) << "more than 80 % of the area";
  EXPECT_TRUE(is_plausible_mask(filled(0, 10, 0, 20))) << "38 of 76 border pixels";
  EXPECT_FALSE(is_plausible_mask(filled(0, 11, 0, 20))) << "40 of 76 border pixels";
}

/// The definition, pixel by pixel: the mean over all pixels of the row whose warped distance is at most the radius.
cv::Mat3f filtered_by_definition(const cv::Mat3f& image, const cv::Mat3f& guide,
                                 const DomainTransformOptions& options) {
  cv::Mat3f current = image.clone();
  const auto pass = [&](bool rows, double radius) {
    const cv::Mat3f in = current.clone();
    const int lines = rows ? in.rows : in.cols, length = rows ? in.cols : in.rows;
    const auto at = [&](const cv::Mat3f& of, int line, int i) { return rows ? of(line, i) : of(i, line); };
    for (int line = 0; line < lines; ++line) {
      std::vector<double> position(length, 0.0);
      for (int i = 1; i < length; ++i) {
        const cv::Vec3f step = at(guide, line, i) - at(guide, line, i - 1);
        position[i] = position[i - 1] + 1 + options.space / options.range * cv::norm(step, cv::NORM_L1);
      }
      for (int i = 0; i < length; ++i) {
        cv::Vec3d sum(0, 0, 0);
        int count = 0;
        for (int j = 0; j < length; ++j)
          if (std::abs(position[j] - position[i]) <= radius) sum += cv::Vec3d(at(in, line, j)), ++count;
        (rows ? current(line, i) : current(i, line)) = cv::Vec3f(sum / count);
      }
    }
  };
  for (int i = 1; i <= options.iterations; ++i) {
    const double radius =
        3 * options.space * std::pow(2.0, options.iterations - i) / std::sqrt(std::pow(4.0, options.iterations) - 1);
    pass(true, radius);
    pass(false, radius);
  }
  return current;
}

TEST(DomainTransform, AgreesWithItsDefinitionAndStopsAtEdges) {
  RandomStream random(1, "image", "test");
  cv::Mat3f image(23, 31), guide(23, 31);
  for (auto& v : image)
    v = {float(255 * random.uniform()), float(255 * random.uniform()), float(255 * random.uniform())};
  for (auto& v : guide) v = cv::Vec3f::all(float(20 * random.uniform()));
  const DomainTransformOptions options{6, 50, 3};
  const double error =
      cv::norm(domain_transform(image, guide, options), filtered_by_definition(image, guide, options), cv::NORM_INF);
  EXPECT_LT(error, 1e-3) << "grey levels: single precision through six passes";

  cv::Mat3f step(20, 20, cv::Vec3f(10, 10, 10));
  step.colRange(10, 20).setTo(cv::Scalar(240, 240, 240));
  EXPECT_LT(cv::norm(domain_transform(step, step, {20, 50, 3}), step, cv::NORM_INF), 1e-3);
}

}  // namespace
}  // namespace cuebench
