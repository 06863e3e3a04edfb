#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/preset.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

/// Pixel (y, x) holds y and x, so that an output shows where it came from.
Image coordinates(int height, int width) {
  Image image(height, width);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.row(y)[3 * x] = static_cast<std::uint8_t>(y);
      image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(x);
      image.row(y)[3 * x + 2] = 255;  // tells a pixel from padding
    }
  }
  return image;
}

TEST(Preset, EveryListedOneParsesAndReadsBack) {
  std::set<std::string_view> names;
  for (const PresetInfo& info : presets()) {
    SCOPED_TRACE(info.name);
    const Preset preset = parse_preset(info.name);
    EXPECT_EQ(preset.canonical(), info.name);
    EXPECT_EQ(parse_preset(info.text).canonical(), info.text);
    EXPECT_FALSE(info.doc.empty());
    EXPECT_TRUE(names.insert(info.name).second);
  }
  for (const std::string_view name : {"imagenet", "res224", "none", "crop288", "bicubic256"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(Preset, ImagenetAndRes224AreWhatTheFieldMeans) {
  const Preset imagenet = parse_preset("imagenet");
  EXPECT_EQ(imagenet.resize_short, 256);
  EXPECT_EQ(imagenet.resize_exact, 0);
  EXPECT_EQ(imagenet.crop, 224);
  EXPECT_EQ(imagenet.resampling, Resampling::bilinear);
  const Preset exact = parse_preset("res224");
  EXPECT_EQ(exact.resize_exact, 224);
  EXPECT_EQ(exact.crop, 0);
}

RC_GTEST_PROP(Preset, CustomOnesReadBackEqual, ()) {
  Preset preset;
  preset.name = "custom";
  const int size = *rc::gen::inRange(0, 2000);
  (*rc::gen::arbitrary<bool>() ? preset.resize_short : preset.resize_exact) = size;
  preset.crop = *rc::gen::inRange(0, 2000);
  preset.resampling = *rc::gen::element(Resampling::nearest, Resampling::box, Resampling::lanczos);
  RC_ASSERT(parse_preset(preset.canonical()) == preset);
}

TEST(Preset, AChangedCopyOfAListedOneIsWrittenInFull) {
  Preset preset = parse_preset("imagenet");
  preset.crop = 192;
  EXPECT_EQ(preset.canonical(), "custom:crop=192,exact=0,resampling=bilinear,resize=256");
}

TEST(Preset, UsageErrorsNameTheRemedy) {
  const auto message = [](std::string_view text) -> std::string {
    try {
      parse_preset(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("imagent").find("imagenet"), std::string::npos) << message("imagent");
  EXPECT_NE(message("custom:resize=256,exact=224").find("exclude each other"), std::string::npos);
  EXPECT_NE(message("custom:resze=256").find("resize"), std::string::npos);
  EXPECT_NE(message("custom:crop=-1"), "");
  EXPECT_NE(message("custom:resampling=cubic"), "");
}

TEST(Preset, CropOffsetsAreThoseOfTheFixture) {
  CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/variants.json");
  const auto fixtures = nlohmann::json::parse(read_text_file(path));
  int checked = 0;
  for (const auto& fixture : fixtures["cases"]) {
    if (fixture["id"] != "crop_offset") continue;
    for (const auto& pair : fixture["params"]["pairs_in_out"]) {
      const int in = pair[0], out = pair[1];
      Preset preset;
      preset.crop = out;
      // The column of the first output pixel, in two bytes since some offsets' images are wider than 256.
      Image image(out, in);
      for (int x = 0; x < in; ++x) {
        image.row(0)[3 * x] = static_cast<std::uint8_t>(x / 256);
        image.row(0)[3 * x + 1] = static_cast<std::uint8_t>(x % 256);
      }
      const Image cropped = apply_preset(preset, image);
      EXPECT_EQ(cropped.pixels[0] * 256 + cropped.pixels[1], fixture["expect"]["data"][checked].get<int>());
      ++checked;
    }
  }
  EXPECT_EQ(checked, 6);
}

TEST(Preset, CropsAndPadsAsTorchvisionsCenterCrop) {
  Preset preset;
  preset.crop = 6;
  // 9 rows: round(1.5) = 2 from the top (half to even). 3 columns: (6 - 3) / 2 = 1 of padding left, 2 right.
  const Image output = apply_preset(preset, coordinates(9, 3));
  ASSERT_EQ(output.height, 6);
  ASSERT_EQ(output.width, 6);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 6; ++x) {
      const std::uint8_t* pixel = output.row(y) + 3 * x;
      const bool inside = x >= 1 && x < 4;
      EXPECT_EQ(pixel[2], inside ? 255 : 0);
      EXPECT_EQ(pixel[0], inside ? y + 2 : 0);
      EXPECT_EQ(pixel[1], inside ? x - 1 : 0);
    }
  }
}

TEST(Preset, TheLongSideIsTruncated) {
  Preset preset;
  preset.resize_short = 256;
  EXPECT_EQ(apply_preset(preset, Image(375, 500)).width, 341);   // 341.33
  EXPECT_EQ(apply_preset(preset, Image(500, 333)).height, 384);  // 384.38
  EXPECT_EQ(apply_preset(preset, Image(333, 500)).height, 256);
  EXPECT_EQ(apply_preset(preset, Image(10, 10)).height, 256);
}

TEST(Preset, NoneChangesNothing) {
  const Image image = coordinates(5, 9);
  EXPECT_EQ(apply_preset(parse_preset("none"), image), image);
}

TEST(Preset, AMaskTakesTheGeometryOfItsImage) {
  const Preset preset = parse_preset("custom:resize=16,crop=12,resampling=nearest");
  const Image image = coordinates(23, 41);
  Plane mask(23, 41);
  for (int y = 0; y < 23; ++y) {
    for (int x = 0; x < 41; ++x) mask.row(y)[x] = image.row(y)[3 * x + 1];
  }
  const Image small = apply_preset(preset, image);
  const Plane small_mask = apply_preset(preset, mask);
  ASSERT_EQ(small_mask.height, 12);
  ASSERT_EQ(small_mask.width, 12);
  for (int i = 0; i < 144; ++i) EXPECT_EQ(small_mask.pixels[i], small.pixels[3 * i + 1]);
}

TEST(Preset, AnElongatedImageIsCroppedWithoutComputingTheWhole) {
  const Image line = coordinates(1, 60000);  // the resize alone would be 256 x 15,360,000
  EXPECT_EQ(apply_preset(parse_preset("imagenet"), line).width, 224);
  EXPECT_THROW(apply_preset(parse_preset("custom:resize=256"), line), ImageError);
  EXPECT_THROW(apply_preset(parse_preset("imagenet"), Image()), ImageError);
}

}  // namespace
}  // namespace cuebench
