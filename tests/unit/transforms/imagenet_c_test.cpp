// What ImageNet-C's corruptions promise beyond the contract of every transform: severities, sizes, distributions.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "transforms/corruptions/corruption.hpp"
#include "transforms/kernels/clipped_zoom.hpp"
#include "transforms/kernels/elastic_map.hpp"
#include "transforms/kernels/float_picture.hpp"
#include "transforms/kernels/gaussian.hpp"
#include "transforms/kernels/hsv.hpp"
#include "transforms/kernels/jpeg_pass.hpp"
#include "transforms/kernels/local_moves.hpp"
#include "transforms/kernels/motion_blur.hpp"
#include "transforms/kernels/plasma_fractal.hpp"
#include "transforms/kernels/random_fields.hpp"

namespace cuebench {
namespace {

std::string text_of(std::string_view corruption, int severity, std::string_view more = "saved=raw") {
  return fmt::format("imagenet_c:corruption={},severity={},{}", corruption, severity, more);
}

Image flat_image(int side, std::uint8_t level) {
  Image image(side, side);
  std::fill(image.pixels.begin(), image.pixels.end(), level);
  return image;
}

double distance(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / double(a.pixels.size());
}

class EveryCorruption : public ::testing::TestWithParam<const CorruptionInfo*> {
 protected:
  std::string_view name() const { return GetParam()->name; }
};

TEST_P(EveryCorruption, DescribesItself) {
  EXPECT_FALSE(GetParam()->formula.empty());
  for (const SeverityTable& table : {GetParam()->imagenet, GetParam()->cifar, GetParam()->tiny})
    for (int i = 0; name() != "none" && i < 5; ++i)
      EXPECT_NE(table[i], SeverityRow{}) << "severity " << i + 1 << " has no parameters";
}

TEST_P(EveryCorruption, KeepsTheSizeOfAnyImageInEveryScale) {
  for (const char* scale : {"imagenet", "cifar", "tiny"})
    for (const int severity : {1, 3, 5}) {
      const Variant variant = make_variant(text_of(name(), severity, fmt::format("scale={}", scale)));
      for (const auto& [height, width] :
           {std::pair{1, 1}, {1, 2}, {2, 1}, {1, 40}, {40, 1}, {3, 2}, {17, 31}, {97, 33}, {225, 230}}) {
        const Image result = variant.apply(test::drawn_picture(height, width), {.item_id = "a"}).image;
        EXPECT_EQ(result.height, height) << variant.text;
        EXPECT_EQ(result.width, width) << variant.text;
      }
    }
}

TEST_P(EveryCorruption, IsRandomOnlyWhereItSaysSo) {
  const Image image = test::drawn_picture(60, 70);
  const Variant variant = make_variant(text_of(name(), 3));
  const Image first = variant.apply(image, {.seed = 1, .item_id = "a"}).image;
  EXPECT_EQ(make_variant(text_of(name(), 3)).apply(image, {.seed = 1, .item_id = "a"}).image, first);
  EXPECT_EQ(variant.apply(image, {.seed = 1, .item_id = "b"}).image != first, GetParam()->random);
  EXPECT_EQ(variant.apply(image, {.seed = 2, .item_id = "a"}).image != first, GetParam()->random);
}

TEST_P(EveryCorruption, SaysWhereItIsNotThePublishedOne) {
  const std::string note = make_variant(text_of(name(), 3)).apply(test::drawn_picture(40, 40), {}).note;
  const bool differs = std::set<std::string_view>{"frost", "motion_blur", "snow"}.contains(name());
  EXPECT_EQ(note.starts_with("equivalent=not identical: "), differs) << note;
  EXPECT_EQ(note.empty(), !differs);
}

TEST_P(EveryCorruption, TheDistanceFromTheCleanImageGrowsWithTheSeverity) {
  // saturate takes colour away at 1 and 2 and adds it from 3 on. elastic_transform moves far and smoothly at 1 and 2,
  // less far but roughly from 3 on. snow, spatter, glass_blur and fog change more than one thing from step to step;
  // frost pulls towards a brightness of its own.
  const std::set<std::string_view> not_in_order = {
      "saturate", "elastic_transform", "snow", "spatter", "glass_blur", "fog", "frost"};
  const Image image = test::drawn_picture(224, 224);
  double last = 0;
  for (int severity = 1; severity <= 5; ++severity) {
    double found = 0;  // over several draws: the crop of frost matters as much as one step of severity
    for (const char* id : {"a", "b", "c", "d", "e", "f", "g", "h"})
      found += distance(make_variant(text_of(name(), severity)).apply(image, {.item_id = id}).image, image);
    if (name() == "none")
      EXPECT_EQ(found, 0);
    else
      EXPECT_GT(found, not_in_order.contains(name()) ? 0 : last) << "severity " << severity;
    last = found;
  }
}

/// What a corruption made of a picture once. A change means other images for the same seed: raise the version of
/// imagenet_c and say so in the change log.
struct Golden {
  std::string_view name;
  /// Mean difference to the picture in levels.
  double distance;
  /// Of the bytes; 0 where OpenCV's filters take part, whose last digit depends on its version and the processor.
  std::uint64_t hash;
};

constexpr Golden kGolden[] = {
    {"none", 0.0000000, 0xf6128cf9e9e76fcbULL},
    {"gaussian_noise", 50.0067274, 0x80e8c7323215dcaaULL},
    {"shot_noise", 57.5623915, 0x16718a4aab896200ULL},
    {"impulse_noise", 21.7752821, 0x95afadca8943502dULL},
    {"defocus_blur", 11.397, 0},
    {"glass_blur", 10.611, 0},
    {"motion_blur", 15.7432726, 0x5358d0aceb7a2055ULL},
    {"zoom_blur", 8.3270399, 0x78092a3ca30fe54eULL},
    {"snow", 82.4839410, 0x57e135f51317eae2ULL},
    {"frost", 28.538, 0},
    {"fog", 34.7305773, 0x77bfbec3fba795b2ULL},
    {"brightness", 66.1190321, 0x6b8442cd98e57999ULL},
    {"contrast", 22.9303385, 0x3661357298bf7a91ULL},
    {"elastic_transform", 8.733, 0},
    {"pixelate", 7.3614366, 0xf51cf29e72067354ULL},
    {"jpeg_compression", 11.3543837, 0xc58eb27f0c53d77dULL},
    {"speckle_noise", 43.2740885, 0x94551db6b420a7f5ULL},
    {"gaussian_blur", 10.743, 0},
    {"spatter", 8.459, 0},
    {"saturate", 45.6202257, 0xed858dbca6fdbaa4ULL},
};

TEST_P(EveryCorruption, NeverChangesItsBytes) {
  const auto golden =
      std::find_if(std::begin(kGolden), std::end(kGolden), [&](const Golden& g) { return g.name == name(); });
  ASSERT_NE(golden, std::end(kGolden)) << "a new corruption needs its line";
  const Image picture = test::drawn_picture(48, 64);
  const Image found =
      make_variant(text_of(name(), 4, "saved=raw,scale=imagenet")).apply(picture, {.item_id = "golden"}).image;
  // A last digit moves single values by one level: a thousandth of a level on average at most.
  EXPECT_NEAR(distance(found, picture), golden->distance, golden->hash ? 1e-6 : 1e-2);
  if (golden->hash != 0) {
    EXPECT_EQ(stable_hash(test::key_of(found)), golden->hash);
  }
}

INSTANTIATE_TEST_SUITE_P(ImageNetC, EveryCorruption,
                         ::testing::ValuesIn(registered_corruptions().begin(), registered_corruptions().end()),
                         [](const auto& of) { return std::string(of.param->name); });

TEST(ImageNetC, TheShorterSideChoosesTheTable) {
  for (const auto& [side, scale] :
       {std::pair{40, "cifar"}, {41, "tiny"}, {112, "tiny"}, {113, "imagenet"}, {224, "imagenet"}}) {
    const Image image = test::drawn_picture(side + 30, side);
    EXPECT_EQ(make_variant(text_of("pixelate", 3)).apply(image, {}).image,
              make_variant(text_of("pixelate", 3, fmt::format("saved=raw,scale={}", scale))).apply(image, {}).image)
        << side;
  }
}

TEST(ImageNetC, SavingIsJpegExceptWithTheSmallTable) {
  for (const int side : {32, 64, 224}) {
    const Image image = test::drawn_picture(side, side);
    const Image raw = make_variant(text_of("contrast", 2)).apply(image, {}).image;
    const Image jpeg = make_variant(text_of("contrast", 2, "saved=jpeg")).apply(image, {}).image;
    EXPECT_EQ(jpeg, through_jpeg(raw, 85));
    EXPECT_NE(jpeg, raw);
    EXPECT_EQ(make_variant(text_of("contrast", 2, "saved=auto")).apply(image, {}).image, side == 32 ? raw : jpeg);
  }
}

TEST(ImageNetC, NoneIsTheImageWithTheSavingAlone) {
  const Image image = test::drawn_picture(64, 64);
  for (const int severity : {1, 5}) {
    EXPECT_EQ(make_variant(text_of("none", severity)).apply(image, {}).image, image);
    EXPECT_EQ(make_variant(text_of("none", severity, "saved=jpeg")).apply(image, {}).image, through_jpeg(image, 85));
  }
}

TEST(ImageNetC, TheSuiteHasEveryCorruptionAtEverySeverity) {
  const Suite& suite = find_suite("imagenet-c");
  ASSERT_EQ(suite.variants.size(), 2u + 19 * 5);
  EXPECT_EQ(suite.variants[0], "clean");
  EXPECT_EQ(suite.variants[1], "imagenet_c:corruption=none,severity=1");
  EXPECT_EQ(suite.variants[2], "imagenet_c:corruption=gaussian_noise,severity=1");
  EXPECT_EQ(suite.variants[76], "imagenet_c:corruption=jpeg_compression,severity=5");
  EXPECT_EQ(suite.variants.back(), "imagenet_c:corruption=saturate,severity=5");
}

struct Moments {
  double mean = 0, variance = 0;
};
Moments moments_of(const std::vector<double>& values) {
  const double count = double(values.size());
  Moments m;
  for (const double v : values) m.mean += v / count;
  for (const double v : values) m.variance += (v - m.mean) * (v - m.mean) / count;
  return m;
}

/// Five standard errors: a fair draw fails once in about two million.
void expect_moments(const std::vector<double>& values, double mean, double variance, double fourth_moment) {
  const Moments found = moments_of(values);
  const double count = double(values.size());
  EXPECT_NEAR(found.mean, mean, 5 * std::sqrt(variance / count));
  EXPECT_NEAR(found.variance, variance, 5 * std::sqrt((fourth_moment - variance * variance) / count));
}

std::vector<double> levels_of(const std::string& text, std::uint8_t level) {
  const Image noisy = make_variant(text).apply(flat_image(224, level), {.item_id = "flat"}).image;
  return {noisy.pixels.begin(), noisy.pixels.end()};
}

/// Cutting off takes half a level from the mean and adds 1/12 to the variance, as long as the noise is wide.
void expect_cut_normal(const std::string& text, std::uint8_t level, double deviation) {
  const double variance = deviation * deviation + 1.0 / 12;
  SCOPED_TRACE(text);
  expect_moments(levels_of(text, level), level - 0.5, variance, 3 * variance * variance);
}

TEST(ImageNetCDistributions, GaussianAndSpeckleNoise) {
  // Severities whose noise stays within [0, 255] at this level for five deviations.
  expect_cut_normal(text_of("gaussian_noise", 1), 128, 255 * 0.08);
  expect_cut_normal(text_of("gaussian_noise", 2, "saved=raw,scale=cifar"), 128, 255 * 0.06);
  expect_cut_normal(text_of("speckle_noise", 1), 128, 128 * 0.15);
  expect_cut_normal(text_of("speckle_noise", 1), 60, 60 * 0.15);
}

TEST(ImageNetCDistributions, ShotNoiseCountsPhotons) {
  for (const auto& [severity, c] : {std::pair{1, 60.0}, {2, 25.0}}) {
    const std::uint8_t level = severity == 1 ? 128 : 60;  // so dark that reaching c photons is rarer than 1 in 10^7
    std::vector<double> counts;
    for (const double byte : levels_of(text_of("shot_noise", severity), level)) {
      const double k = std::ceil(byte * c / 255);
      EXPECT_EQ(byte, std::floor(k / c * 255)) << "not a whole number of photons";
      counts.push_back(k);
    }
    const double mean = level / 255.0 * c;
    expect_moments(counts, mean, mean, mean + 3 * mean * mean);
  }
}

TEST(ImageNetCDistributions, ImpulseNoiseIsHalfSaltHalfPepper) {
  const std::array<double, 5> amounts = {.03, .06, .09, .17, .27};
  for (int severity = 1; severity <= 5; ++severity) {
    const std::vector<double> levels = levels_of(text_of("impulse_noise", severity), 100);
    const double count = double(levels.size()), share = amounts[severity - 1] / 2;
    const double error = 5 * std::sqrt(share * (1 - share) / count);
    const auto share_of = [&](int level) { return double(std::count(levels.begin(), levels.end(), level)) / count; };
    EXPECT_NEAR(share_of(0), share, error);
    EXPECT_NEAR(share_of(255), share, error);
    EXPECT_NEAR(share_of(100), 1 - 2 * share, 5 * std::sqrt(2 * share * (1 - 2 * share) / count));
  }
}

TEST(ImageNetCDistributions, NormalFieldIsNormalUpToItsTail) {
  constexpr int kCount = 4'000'000;
  RandomStream random(3, "normal", "test");
  std::vector<double> values;
  for (const float v : normal_field(random, kCount)) values.push_back(v);
  expect_moments(values, 0, 1, 3);
  // Distribution function at points on both sides of the ziggurat's tail (3.654) and in its layers.
  for (const double bound : {-4.2, -3.7, -3.6, -2.5, -1.0, -0.3, 0.0, 0.1, 0.7, 1.5, 3.0, 3.65, 3.9}) {
    const double expected = 0.5 * std::erfc(-bound / std::sqrt(2.0));
    const auto below = std::count_if(values.begin(), values.end(), [&](double v) { return v < bound; });
    EXPECT_NEAR(double(below) / kCount, expected, 5 * std::sqrt(expected * (1 - expected) / kCount)) << bound;
  }
}

TEST(ImageNetCDistributions, UniformFieldIsUniform) {
  RandomStream random(3, "uniform", "test");
  expect_moments(uniform_field(random, 1'000'000), 0.5, 1.0 / 12, 1.0 / 80);
}

TEST(ImageNetCDistributions, LocalMovesAreUniform) {
  for (const int reach : {1, 2, 3, 4}) {
    const int side = 2 * reach + 1, choices = 2 * reach;  // a single pixel is visited
    ASSERT_EQ(local_moves(side, side, reach), 1u);
    Image places(side, side);
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) places.row(y)[3 * x] = static_cast<std::uint8_t>(y * side + x);
    constexpr int kDraws = 64'000;
    RandomStream random(5, "moves", "test");
    std::vector<int> counts(side * side);
    for (const std::uint32_t word : random_words(random, kDraws)) {
      Image moved = places;
      move_locally(moved, reach, {word});
      ++counts[moved.row(reach + 1)[3 * (reach + 1)]];
    }
    const double expected = double(kDraws) / (choices * choices);
    double chi_squared = 0;
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const int count = counts[y * side + x];
        if (y == 0 || x == 0) {  // offset + reach
          EXPECT_EQ(count, 0) << "offsets end at reach - 1";
          continue;
        }
        chi_squared += (count - expected) * (count - expected) / expected;
      }
    const int freedom = choices * choices - 1;
    EXPECT_LT(chi_squared, freedom + 5 * std::sqrt(2.0 * freedom)) << "five deviations of chi squared, reach " << reach;
  }
}

TEST(ImageNetCKernels, PlasmaFillsZeroToOneAndFogNeverExceedsTheBrightestValue) {
  RandomStream random(1, "plasma", "test");
  for (const int side : {2, 32, 256}) {
    const cv::Mat1f plasma = plasma_fractal(side, 2, uniform_field(random, plasma_draws(side)));
    double low, high;
    cv::minMaxLoc(plasma, &low, &high);
    EXPECT_EQ(low, 0);
    EXPECT_EQ(high, 1);
  }
  const Image image = test::drawn_picture(100, 100);
  const auto brightest = *std::max_element(image.pixels.begin(), image.pixels.end());
  const Image foggy = make_variant(text_of("fog", 5)).apply(image, {}).image;
  EXPECT_LE(*std::max_element(foggy.pixels.begin(), foggy.pixels.end()), brightest);
}

TEST(ImageNetCKernels, HsvGoesThereAndBackForEveryColour) {
  for (int r = 0; r < 256; r += 5)
    for (int g = 0; g < 256; g += 3)
      for (int b = 0; b < 256; b += 5) {
        const Rgb back = to_rgb(to_hsv({r / 255.0, g / 255.0, b / 255.0}));
        // Four roundings of double precision on the way.
        ASSERT_NEAR(back.red, r / 255.0, 1e-15);
        ASSERT_NEAR(back.green, g / 255.0, 1e-15);
        ASSERT_NEAR(back.blue, b / 255.0, 1e-15);
      }
}

TEST(ImageNetCKernels, BytesSurviveThePictureInSinglePrecision) {
  Image all(16, 16);
  for (std::size_t i = 0; i < all.pixels.size(); ++i) all.pixels[i] = static_cast<std::uint8_t>(i % 256);
  EXPECT_EQ(truncated_image(unit_picture(all)), all);
}

TEST(ImageNetCKernels, FlatImagesStayFlatUnderBlur) {
  for (const char* name : {"gaussian_blur", "defocus_blur", "motion_blur", "zoom_blur", "glass_blur", "pixelate",
                           "elastic_transform", "contrast"})
    for (const int level : {0, 1, 77, 128, 254, 255}) {
      const Image flat = flat_image(64, static_cast<std::uint8_t>(level));
      EXPECT_EQ(make_variant(text_of(name, 3)).apply(flat, {}).image, flat) << name << " " << level;
    }
}

TEST(ImageNetCKernels, MotionFollowsTheAngleOnOneSide) {
  for (const auto& [angle, dy, dx] : {std::tuple{0.0, 0, 4}, {90.0, 4, 0}, {-90.0, -4, 0}, {45.0, 3, 3}}) {
    const std::vector<Tap> taps = motion_taps(2, 3, angle);
    ASSERT_EQ(taps.size(), 5u);
    EXPECT_EQ(taps[0].dy, 0);
    EXPECT_EQ(taps[0].dx, 0);
    EXPECT_EQ(taps[4].dy, dy) << angle;
    EXPECT_EQ(taps[4].dx, dx) << angle;
    EXPECT_FLOAT_EQ(taps[4].weight / taps[0].weight, std::exp(-16.0F / 18));
  }
}

TEST(ImageNetCKernels, WideDisplacementsAgreeWithTheDirectFilter) {
  // The folded matrix (filter wider than the picture) and OpenCV's filter on a picture that was mirrored by hand.
  RandomStream random(1, "field", "test");
  cv::Mat1f field(20, 25), mirrored;
  for (float& v : field) v = static_cast<float>(random.uniform());
  constexpr double kSigma = 9.4;
  cv::copyMakeBorder(field, mirrored, 40, 40, 40, 40, cv::BORDER_REFLECT);
  const cv::Mat direct = gaussian_filtered(mirrored, kSigma, Border::repeated, 0, 3);
  const cv::Mat1f folded = smooth_displacement(field, kSigma, 1);
  // Single-precision sums of 57 terms below 1.
  EXPECT_LT(cv::norm(folded, direct(cv::Rect(40, 40, 25, 20)), cv::NORM_INF), 1e-5);
}

TEST(ImageNetCKernels, ZoomFactorsAreThoseOfArange) {
  EXPECT_EQ(zoom_factors(1.11, .01).size(), 12u);
  EXPECT_EQ(zoom_factors(1.24, .02).size(), 13u);
  EXPECT_EQ(zoom_factors(1.30, .03).size(), 11u);
  EXPECT_EQ(zoom_factors(1.06, .01).size(), 7u);
}

}  // namespace
}  // namespace cuebench
