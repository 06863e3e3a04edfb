#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/imaging/resize.hpp>

#include "../../../src/imaging/resample_weights.hpp"
#include "../../../src/imaging/weighted_row.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

Image random_image(int height, int width) {
  Image image(height, width);
  for (auto& value : image.pixels) value = *rc::gen::arbitrary<std::uint8_t>();
  return image;
}

Resampling any_resampling() {
  return *rc::gen::element(Resampling::nearest, Resampling::box, Resampling::bilinear, Resampling::bicubic,
                           Resampling::lanczos);
}

TEST(Resize, AgreesWithTheFixturesOfTheWidenedTriangleFilter) {
  CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/variants.json");
  const auto fixtures = nlohmann::json::parse(read_text_file(path));
  int cases = 0;
  for (const auto& fixture : fixtures["cases"]) {
    if (fixture["transform"] != "resize.pil_bilinear") continue;
    const auto& source = fixtures["inputs"][fixture["input"].get<std::string>()];
    Image input(source["shape"][0], source["shape"][1]);
    input.pixels = source["data"].get<std::vector<std::uint8_t>>();
    const Image output = resize(input, fixture["params"]["out_h"], fixture["params"]["out_w"], Resampling::bilinear);
    const auto expected = fixture["expect"]["data"].get<std::vector<int>>();
    ASSERT_EQ(output.pixels.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(output.pixels[i], expected[i], 1) << fixture["id"];  // the fixture's own: it is computed in doubles
    }
    ++cases;
  }
  EXPECT_EQ(cases, 4);
}

TEST(Resize, WeightsSumToOneWithinRounding) {
  for (const Resampling resampling :
       {Resampling::box, Resampling::bilinear, Resampling::bicubic, Resampling::lanczos}) {
    for (const auto& [in, out] : {std::pair{375, 256}, {256, 375}, {1, 9}, {9, 1}, {17, 16}}) {
      const ResampleWeights weights = resample_weights(in, out, 0, out, resampling);
      for (int i = 0; i < out; ++i) {
        const std::int32_t* row = weights.of(i);
        const std::int64_t sum = std::accumulate(row, row + weights.count[i], std::int64_t(0));
        // Each weight is rounded once, so the sum is off by at most half a unit a weight.
        EXPECT_LE(std::abs(sum - (1 << kWeightBits)), weights.count[i] / 2 + 1);
      }
    }
  }
}

RC_GTEST_PROP(Resize, ACropIsTheRectangleOfTheWhole, ()) {
  const Image image = random_image(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40));
  const int height = *rc::gen::inRange(1, 60), width = *rc::gen::inRange(1, 60);
  Crop rectangle;
  rectangle.height = *rc::gen::inRange(1, height + 1);
  rectangle.width = *rc::gen::inRange(1, width + 1);
  rectangle.top = *rc::gen::inRange(0, height - rectangle.height + 1);
  rectangle.left = *rc::gen::inRange(0, width - rectangle.width + 1);
  const Resampling resampling = any_resampling();
  RC_ASSERT(resize_cropped(image, height, width, resampling, rectangle) ==
            crop(resize(image, height, width, resampling), rectangle));
}

RC_GTEST_PROP(Resize, KeepsAConstantImageConstant, ()) {
  Image image(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40));
  const auto value = *rc::gen::arbitrary<std::uint8_t>();
  std::fill(image.pixels.begin(), image.pixels.end(), value);
  const Image output = resize(image, *rc::gen::inRange(1, 60), *rc::gen::inRange(1, 60), any_resampling());
  for (const std::uint8_t pixel : output.pixels) RC_ASSERT(pixel == value);
}

RC_GTEST_PROP(Resize, TheFastLoopEqualsThePortableOne, ()) {
  const int bytes = *rc::gen::inRange(1, 200), count = *rc::gen::inRange(1, 12);
  const auto stride = bytes + *rc::gen::inRange(0, 20);
  const auto source =
      *rc::gen::container<std::vector<std::uint8_t>>(std::size_t(stride) * count, rc::gen::arbitrary<std::uint8_t>());
  // Up to 12 weights of the size that Lanczos has: no overflow of 32 bits.
  const auto weights = *rc::gen::container<std::vector<std::int32_t>>(
      std::size_t(count), rc::gen::inRange<std::int32_t>(-(1 << 19), 1 << 19));
  std::vector<std::uint8_t> fast(bytes), portable(bytes);
  weighted_row()(source.data(), stride, weights.data(), count, fast.data(), bytes);
  portable_weighted_row()(source.data(), stride, weights.data(), count, portable.data(), bytes);
  RC_ASSERT(fast == portable);
}

TEST(Resize, ToTheSameSizeIsACopy) {
  Image image(5, 7);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 37);
  EXPECT_EQ(resize(image, 5, 7, Resampling::lanczos), image);
}

TEST(Resize, NearestPicksTheCentreOfEachOutputPixel) {
  Plane plane(1, 6);
  plane.pixels = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(resize_nearest(plane, 1, 3).pixels, (std::vector<std::uint8_t>{1, 3, 5}));
  EXPECT_EQ(resize_nearest(plane, 1, 4).pixels, (std::vector<std::uint8_t>{0, 2, 3, 5}));
  EXPECT_EQ(resize_nearest(plane, 2, 2).pixels, (std::vector<std::uint8_t>{1, 4, 1, 4}));
  EXPECT_EQ(resize_nearest_cropped(plane, 2, 4, {1, 1, 1, 2}).pixels, (std::vector<std::uint8_t>{2, 3}));
}

TEST(Resize, RefusesWhatHasNoMeaning) {
  const Image image(4, 4);
  EXPECT_THROW(resize(Image(), 2, 2, Resampling::box), std::invalid_argument);
  EXPECT_THROW(resize(image, 0, 2, Resampling::box), std::invalid_argument);
  EXPECT_THROW(resize_cropped(image, 8, 8, Resampling::box, {4, 4, 5, 4}), std::invalid_argument);
  EXPECT_THROW(crop(image, {0, -1, 2, 2}), std::invalid_argument);
  EXPECT_EQ(crop(image, {4, 4, 0, 0}), Image(0, 0));
}

TEST(Resampling, WordsRoundTripAndAnUnknownOneNamesTheNearest) {
  for (const std::string_view word : {"nearest", "box", "bilinear", "bicubic", "lanczos"}) {
    EXPECT_EQ(to_string(parse_resampling(word)), word);
  }
  try {
    parse_resampling("bilinaer");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("bilinear"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cuebench
