// Properties, distributions and golden bytes of the model-vs-human manipulations and of the general noises.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "transforms/kernels/eidolon.hpp"
#include "transforms/kernels/frequency_filters.hpp"
#include "transforms/kernels/grey_levels.hpp"
#include "transforms/kernels/luminance.hpp"
#include "transforms/kernels/opponent_colour.hpp"
#include "transforms/kernels/otsu.hpp"
#include "transforms/kernels/random_values.hpp"
#include "transforms/kernels/spectra.hpp"

namespace cuebench {
namespace {

Image flat(int height, int width, std::uint8_t level) {
  Image image(height, width);
  std::fill(image.pixels.begin(), image.pixels.end(), level);
  return image;
}

Image variant_of(const std::string& variant, const Image& image, const std::string& id = "item") {
  return make_variant(variant).apply(image, {.seed = 3, .item_id = id}).image;
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / double(a.pixels.size());
}

struct Moments {
  double mean = 0, variance = 0, count = 0;
};

Moments moments(const std::vector<double>& values) {
  Moments found{.count = double(values.size())};
  found.mean = std::accumulate(values.begin(), values.end(), 0.0) / found.count;
  for (const double v : values) found.variance += (v - found.mean) * (v - found.mean) / found.count;
  return found;
}

/// The mean within five standard errors; the variance within five standard errors of a sample with this kurtosis.
void expect_moments(const Moments& found, double mean, double variance, double kurtosis) {
  EXPECT_NEAR(found.mean, mean, 5 * std::sqrt(variance / found.count));
  EXPECT_NEAR(found.variance, variance, 5 * variance * std::sqrt((kurtosis - 1) / found.count));
}

/// One value for each pixel, of images with three equal channels.
std::vector<double> levels(const Image& image) {
  std::vector<double> values;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    EXPECT_TRUE(image.pixels[i] == image.pixels[i + 1] && image.pixels[i] == image.pixels[i + 2]);
    values.push_back(image.pixels[i]);
  }
  return values;
}

cv::Mat1f amplitudes(const cv::Mat1f& plane) {
  cv::Mat_<cv::Vec2f> spectrum;
  cv::dft(plane, spectrum, cv::DFT_COMPLEX_OUTPUT);
  cv::Mat1f result(plane.size());
  std::transform(spectrum.begin(), spectrum.end(), result.begin(),
                 [](const cv::Vec2f& v) { return std::hypot(v[0], v[1]); });
  return result;
}

TEST(RandomValues, HaveTheMomentsOfTheirDistributions) {
  RandomStream random(5, "item", "moments");
  constexpr std::size_t kCount = 300001;
  const auto uniform = uniform_values(random, kCount), both_signs = signed_uniform_values(random, kCount),
             normal = normal_values(random, kCount);
  ASSERT_EQ(normal.size(), kCount);
  const auto [low, high] = std::minmax_element(uniform.begin(), uniform.end());
  EXPECT_TRUE(*low >= 0 && *high < 1);
  const auto [lowest, highest] = std::minmax_element(both_signs.begin(), both_signs.end());
  EXPECT_TRUE(*lowest >= -1 && *lowest < -0.999 && *highest < 1 && *highest > 0.999);
  expect_moments(moments({uniform.begin(), uniform.end()}), 0.5, 1 / 12.0, 1.8);
  expect_moments(moments({both_signs.begin(), both_signs.end()}), 0, 1 / 3.0, 1.8);
  expect_moments(moments({normal.begin(), normal.end()}), 0, 1, 3);
  double fourth = 0, neighbours = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    fourth += std::pow(normal[i], 4) / kCount;
    if (i > 0) neighbours += normal[i] * normal[i - 1] / kCount;
  }
  EXPECT_NEAR(fourth, 3, 5 * std::sqrt(96.0 / kCount)) << "the variance of the fourth power is 105 - 9";
  EXPECT_NEAR(neighbours, 0, 5 / std::sqrt(kCount));
}

TEST(RandomValues, FollowTheLibraryFunctions) {
  std::vector<float> angles, cosines(4001), sines(4001);
  for (int i = -2000; i <= 2000; ++i) angles.push_back(float(i) / 2000);
  unit_circle(angles, cosines, sines);
  for (std::size_t i = 0; i < angles.size(); ++i) {
    EXPECT_NEAR(cosines[i], std::cos(M_PI * double(angles[i])), 3e-7) << angles[i];
    EXPECT_NEAR(sines[i], std::sin(M_PI * double(angles[i])), 3e-7) << angles[i];
  }
  // Box and Muller's transform of the same bits in double precision.
  RandomStream random(5, "item", "normal"), again(5, "item", "normal");
  const auto found = normal_values(random, 1000);
  std::vector<double> bits;
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t draw = again();
    bits.push_back(double(std::uint32_t(draw) >> 8));
    bits.push_back(double(std::uint32_t(draw >> 32) >> 8));
  }
  for (std::size_t i = 0; i < 500; ++i) {
    const double radius = std::sqrt(-2 * std::log((bits[i] + 1) * 0x1p-24));
    const double angle = M_PI * (bits[500 + i] * 0x1p-23 - 1);
    EXPECT_NEAR(found[i], radius * std::cos(angle), 2e-6);
    EXPECT_NEAR(found[500 + i], radius * std::sin(angle), 2e-6);
  }
}

TEST(GreyManipulations, LevelZeroIsTheGreyOriginal) {
  const Image image = test::noise_picture(40, 50);
  for (const auto rounding : {Rounding::down, Rounding::nearest}) {
    Image grey(40, 50);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const std::uint8_t* rgb = &image.pixels[i / 3 * 3];
      const int units = 2125 * rgb[0] + 7154 * rgb[1] + 721 * rgb[2];
      grey.pixels[i] = std::uint8_t(rounding == Rounding::down ? units / 10000 : (units + 5000) / 10000);
    }
    const std::string suffix = rounding == Rounding::down ? "" : ",rounding=nearest";
    for (const char* variant : {"contrast:level=1", "low_pass:sigma=0", "high_pass:sigma=inf", "phase_scramble:width=0",
                                "power_equalise:amount=0", "rotate:degrees=0", "uniform_noise:width=0,contrast=1",
                                "salt_pepper:p=0,contrast=1"})
      EXPECT_EQ(variant_of(variant + suffix, image), grey) << variant << suffix;
  }
  for (const char* variant : {"gaussian_noise:sigma=0", "gaussian_blur:sigma=0", "rotate:degrees=0,colour=rgb"})
    EXPECT_EQ(variant_of(variant, image), image) << variant;
}

TEST(GreyManipulations, TheDistanceFromTheGreyOriginalGrowsWithTheLevel) {
  const Image image = test::drawn_picture(96, 96), grey = variant_of("contrast:level=1", image);
  const auto grows = [&](const std::string& key, const std::vector<const char*>& values, const Image& original) {
    double last = -1;
    for (const char* value : values) {
      const double distance = mean_difference(variant_of(key + value, image), original);
      EXPECT_GT(distance, last) << key << value;
      last = distance;
    }
  };
  grows("contrast:level=", {"1", "0.5", "0.3", "0.15", "0.1", "0.05", "0.03", "0.01"}, grey);
  grows("low_pass:sigma=", {"0", "1", "3", "5", "7", "10", "15", "40"}, grey);
  grows("high_pass:sigma=", {"inf", "3", "1.5", "1", "0.7", "0.55"}, grey);
  grows("phase_scramble:method=hermitian,width=", {"0", "30", "60", "90", "120"}, grey);
  grows("power_equalise:amount=", {"0", "0.25", "0.5", "0.75", "1"}, grey);
  grows("uniform_noise:width=", {"0.03", "0.05", "0.1", "0.2", "0.35", "0.6", "0.9"},
        variant_of("contrast:level=0.3", image));
  grows("salt_pepper:p=", {"0", "0.1", "0.2", "0.35", "0.5", "0.65", "0.8", "0.95"},
        variant_of("contrast:level=0.3", image));
  grows("eidolon:kind=1,reach=", {"0", "1", "2", "4", "8", "16", "32"}, grey);
  grows("gaussian_noise:sigma=", {"0", "0.05", "0.1", "0.2", "0.4"}, image);
  grows("gaussian_blur:sigma=", {"0", "1", "2", "4", "8"}, image);
  grows("jpeg:quality=", {"100", "75", "50", "25", "10", "5"}, image);
}

TEST(LowPass, LeavesTheMeanGreyAndHighPassGivesIt) {
  for (const double sigma : {0.5, 3.0, 40.0}) {
    const cv::Mat1d plain(30, 40, kMeanGrey);
    EXPECT_LT(cv::norm(low_passed(plain, sigma), plain, cv::NORM_INF), 1e-12) << sigma;
    const cv::Mat1d any = grey709_plane(test::noise_picture(30, 40));
    EXPECT_NEAR(cv::mean(high_passed(any, sigma))[0], kMeanGrey, 1e-12) << sigma;
  }
}

RC_GTEST_PROP(PhaseScramble, HermitianShiftsKeepEveryAmplitudeAndSourceShiftsKeepTheMean, ()) {
  const cv::Size size(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40));
  RandomStream random(*rc::gen::arbitrary<std::uint64_t>(), "item", "phases");
  const cv::Mat1f grey = grey709_plane_float(test::noise_picture(size.height, size.width));
  const auto shifts = signed_uniform_values(random, phase_shift_count(size));
  const cv::Mat1f before = amplitudes(grey);
  // Single precision of numbers up to the mean's, which is the number of pixels.
  const double tolerance = 1e-6 * size.area();
  RC_ASSERT(cv::norm(amplitudes(phase_scrambled(grey, shifts, PhasePairs::hermitian)), before, cv::NORM_INF) <
            tolerance);
  cv::Mat1f excess;
  cv::subtract(amplitudes(phase_scrambled(grey, shifts, PhasePairs::source)), before, excess);
  double largest = 0;
  cv::minMaxLoc(excess, nullptr, &largest);
  RC_ASSERT(largest < tolerance);
  RC_ASSERT(std::abs(excess(0, 0)) < tolerance);
}

TEST(PhaseScramble, TheSourceLosesContrastAsMeasured) {
  // .98, .85 and .70 of the standard deviation at 30, 90 and 180 degrees, for white noise; the half of the energy that
  // two independent shifts share is (1 + (sin w / w)^2) / 2.
  const cv::Size size(128, 128);
  const cv::Mat1f grey = grey709_plane_float(test::noise_picture(128, 128));
  for (const double degrees : {30.0, 90.0, 180.0}) {
    RandomStream random(9, "item", "contrast");
    auto shifts = signed_uniform_values(random, phase_shift_count(size));
    for (float& shift : shifts) shift *= static_cast<float>(degrees / 180);
    cv::Scalar mean, before, after;
    cv::meanStdDev(grey, mean, before);
    cv::meanStdDev(phase_scrambled(grey, shifts, PhasePairs::source), mean, after);
    const double w = degrees * M_PI / 180, resultant = std::sin(w) / w;
    // 8,064 pairs with energies that vary by their own size.
    EXPECT_NEAR(after[0] / before[0], std::sqrt((1 + resultant * resultant) / 2), 0.02) << degrees;
  }
}

TEST(PhaseScramble, ShiftsAreUniformWithinTheWidth) {
  RandomStream random(9, "item", "shifts");
  const auto shifts = signed_uniform_values(random, phase_shift_count({224, 224}));
  ASSERT_EQ(shifts.size(), 223u * 223 / 2);
  for (const double degrees : {30.0, 60.0, 90.0, 120.0, 150.0, 180.0}) {
    const double w = degrees * M_PI / 180;
    std::vector<double> cosines;
    for (const float shift : shifts) cosines.push_back(std::cos(w * shift));
    const double resultant = std::sin(w) / w, square = (1 + std::sin(2 * w) / (2 * w)) / 2;
    EXPECT_NEAR(moments(cosines).mean, resultant,
                5 * std::sqrt((square - resultant * resultant) / double(shifts.size())));
  }
}

TEST(PowerEqualise, GivesEveryImageTheSameAmplitudes) {
  for (const cv::Size size : {cv::Size(224, 224), cv::Size(32, 32), cv::Size(31, 44), cv::Size(1, 1)}) {
    const cv::Mat1f wanted = natural_amplitudes(size);
    const cv::Mat1f grey = grey709_plane_float(test::noise_picture(size.height, size.width));
    EXPECT_LT(cv::norm(amplitudes(with_amplitudes(grey, wanted)), wanted, cv::NORM_INF), 1e-6 * size.area())
        << "single precision of sums as large as the number of pixels";
  }
  const cv::Mat1f at_224 = natural_amplitudes({224, 224});
  EXPECT_NEAR(at_224(0, 0) / 50176, 0.454, 1e-6);
  EXPECT_NEAR(std::log(at_224(0, 1)), 7.83, 1e-5);
  EXPECT_NEAR(std::log(at_224(221, 4)), 7.83 - 1.258 * std::log(5), 1e-5) << "3 up and 4 across are 5 cycles";
  EXPECT_EQ(variant_of("power_equalise", flat(20, 30, 77)), flat(20, 30, 115))
      << "no phases: only the mean, floor(255 * .454)";
}

TEST(FalseColour, GreysStayAndTwiceIsTheIdentityWithoutClipping) {
  for (int level = 0; level < 256; ++level) {
    const Image grey = flat(1, 1, std::uint8_t(level));
    EXPECT_EQ(variant_of("false_colour", grey), grey) << level;
  }
  RandomStream random(1, "item", "light");
  for (int i = 0; i < 100; ++i) {
    const std::array<double, 3> light = {random.uniform(), random.uniform(), random.uniform()};
    const auto twice = opponent_light(opponent_light(light));
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(twice[c], light[c], 1e-14);
  }
  // Muted colours stay inside the gamut: back within the rounding to levels, which is coarse in the dark.
  Image image = test::noise_picture(50, 50);
  for (auto& value : image.pixels) value = std::uint8_t(150 + value / 16);
  const Image back = variant_of("false_colour", variant_of("false_colour", image));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) EXPECT_NEAR(back.pixels[i], image.pixels[i], 2);
}

TEST(RotateTest, FourQuarterTurnsAreTheIdentityAndNeedASquare) {
  const Image image = test::noise_picture(20, 20);
  Image turned = image;
  for (int i = 0; i < 4; ++i) turned = variant_of("rotate:degrees=90,colour=rgb", turned);
  EXPECT_EQ(turned, image);
  EXPECT_EQ(variant_of("rotate:degrees=270,colour=rgb+rotate:degrees=90,colour=rgb", image), image);
  Image corner(3, 3);
  corner.row(0)[6] = 200;  // top right goes to the top left
  EXPECT_EQ(variant_of("rotate:degrees=90,colour=rgb", corner).row(0)[0], 200);
  for (const char* degrees : {"90", "270"}) {
    try {
      variant_of(std::string("rotate:degrees=") + degrees, test::noise_picture(20, 30));
      FAIL();
    } catch (const ImageError& error) {
      EXPECT_NE(std::string(error.what()).find("30x20"), std::string::npos) << error.what();
    }
  }
}

TEST(Noises, HaveTheirMoments) {
  const Image grey = flat(300, 300, 128);  // g = 128 / 255
  const double level = 255 * (0.35 + 0.3 * 128 / 255.0);
  for (const double width : {0.03, 0.1, 0.35}) {
    // Cutting off takes half a level from the mean and adds 1/12 to the variance, to within a hundredth of a level as
    // the noise spans several levels.
    const Moments found = moments(levels(variant_of("uniform_noise:width=" + std::to_string(width), grey)));
    const double variance = std::pow(255 * width, 2) / 3 + 1 / 12.0;
    EXPECT_NEAR(found.mean, level - 0.5, 5 * std::sqrt(variance / found.count) + 0.02) << width;
    EXPECT_NEAR(found.variance, variance, 5 * variance * std::sqrt(0.8 / found.count) + 0.1) << width;
  }
  const auto wide = levels(variant_of("uniform_noise:width=0.9,contrast=1", grey));
  const double clipped = (0.9 - 127 / 255.0) / 1.8;
  const double found_white = double(std::count(wide.begin(), wide.end(), 255)) / double(wide.size());
  EXPECT_NEAR(found_white, clipped, 5 * std::sqrt(clipped * (1 - clipped) / double(wide.size())));
  for (const double p : {0.1, 0.5, 0.95}) {
    const auto values = levels(variant_of("salt_pepper:p=" + std::to_string(p), grey));
    for (const int colour : {0, 255}) {
      const double share = double(std::count(values.begin(), values.end(), colour)) / double(values.size());
      EXPECT_NEAR(share, p / 2, 5 * std::sqrt(p / 2 * (1 - p / 2) / double(values.size()))) << p << " of " << colour;
    }
  }
  const Image noisy = variant_of("gaussian_noise:sigma=0.1", grey);
  // Rounding adds 1/12 to the variance; five standard deviations fit between 0 and 255.
  expect_moments(moments({noisy.pixels.begin(), noisy.pixels.end()}), 128, 25.5 * 25.5 + 1 / 12.0, 3);
  double channels = 0;
  for (std::size_t i = 0; i < noisy.pixels.size(); i += 3)
    channels += (noisy.pixels[i] - 128.0) * (noisy.pixels[i + 1] - 128.0);
  EXPECT_NEAR(channels / 90000, 0, 5 * 25.5 * 25.5 / 300) << "channels draw independently";
}

TEST(EidolonTest, FieldsAreStandardisedWithTheCorrelationOfBlurredNoise) {
  const cv::Size size(224, 200);
  for (const double sigma : {std::sqrt(0.5), 4.0, 10.0}) {
    double correlation = 0, between = 0;
    constexpr int kDraws = 40;
    const int lag = std::max(1, int(std::lround(sigma)));
    for (int draw = 0; draw < kDraws; ++draw) {
      RandomStream random(draw, "item", "field");
      const DisplacementField field = gaussian_field(size, sigma, random);
      cv::Scalar mean, deviation;
      cv::meanStdDev(field, mean, deviation);
      for (int c = 0; c < 2; ++c) {
        EXPECT_NEAR(mean[c], 0, 1e-5);
        EXPECT_NEAR(deviation[c], 1, 1e-4);
      }
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
          const cv::Vec2f here = field(y, x), beside = field(y, (x + lag) % size.width);
          correlation += here.dot(beside) / (2.0 * size.area() * kDraws);
          between += here[0] * here[1] / (double(size.area()) * kDraws);
        }
    }
    // A field has about area / (4 pi sigma^2) independent values, a correlation its inverse as variance.
    const double error = std::sqrt(4 * M_PI * sigma * sigma / (2.0 * size.area() * kDraws));
    EXPECT_NEAR(correlation, std::exp(-lag * lag / (4 * sigma * sigma)), 5 * error) << sigma;
    EXPECT_NEAR(between, 0, 5 * error * std::sqrt(2)) << sigma;
  }
}

TEST(EidolonTest, CoherentFieldsShareTheirCoarseScalesAndIncoherentOnesNothing) {
  const cv::Size size(224, 224);
  const auto scales = eidolon_scales(size);
  ASSERT_EQ(scales.size(), 12u);
  EXPECT_NEAR(scales.front(), 0.7071, 1e-4);
  EXPECT_NEAR(scales.back(), 32, 1e-9);
  const auto correlation = [&](double coherence) {
    RandomStream random(4, "item", "coherence");
    const auto fields = displacement_fields(size, scales, coherence, 10, random);
    return fields[0].dot(fields[1]) / (2.0 * size.area());
  };
  // The finest field is the second finest plus .7071 of unit noise beside variances that sum to 2047.5.
  EXPECT_GT(correlation(1), 0.999);
  EXPECT_NEAR(correlation(0), 0, 5 * std::sqrt(4 * M_PI * 100 / (2.0 * size.area())));
}

TEST(EidolonTest, WithoutReachItIsTheSlightlyBlurredImage) {
  const Image image = test::drawn_picture(60, 70);
  const cv::Mat1f grey = grey709_plane_float(image);
  const auto scales = eidolon_scales(grey.size());
  const auto bands = scale_differences(grey, scales);
  RandomStream random(4, "item", "reach");
  const cv::Mat1f still = disarrayed(bands, displacement_fields(grey.size(), scales, 1, 10, random), 0);
  cv::Mat1f sum(grey.size(), 0.F);
  for (const cv::Mat1f& band : bands) sum += band;
  EXPECT_EQ(cv::norm(still, sum, cv::NORM_INF), 0);
}

TEST(BinarizeTest, GivesTwoColoursAndTurnsWithThePolarity) {
  const Image image = test::drawn_picture(40, 50);
  for (const char* variant : {"binarize:polarity=", "binarize:method=threshold,threshold=90,polarity="}) {
    const Image one = variant_of(std::string(variant) + "white_bright", image);
    Image other = variant_of(std::string(variant) + "black_bright", image);
    for (auto& value : other.pixels) value = std::uint8_t(255 - value);
    EXPECT_EQ(one, other);
    for (const double value : levels(one)) EXPECT_TRUE(value == 0 || value == 255);
  }
  Plane two(1, 4);
  two.pixels = {10, 10, 200, 201};
  EXPECT_EQ(otsu_threshold(two), 10);
  two.pixels = {7, 7, 7, 7};
  EXPECT_EQ(otsu_threshold(two), 7);
}

TEST(ModelVsHuman, BytesDoNotChangeBetweenVersions) {
  // Whole numbers and own polynomials only: the same on every machine.
  const Image image = test::drawn_picture(61, 47);
  const auto digest = [&](const char* variant) {
    const Image found = variant_of(variant, image);
    return sha256_of_text({reinterpret_cast<const char*>(found.pixels.data()), found.pixels.size()}).substr(0, 16);
  };
  EXPECT_EQ(digest("uniform_noise"), "9c27623faffd5114");
  EXPECT_EQ(digest("salt_pepper"), "1d9f191ce09d1e47");
  EXPECT_EQ(digest("gaussian_noise"), "53531f1bc7507a04");
  EXPECT_EQ(digest("contrast"), "912f9bf15ae35c77");
  EXPECT_EQ(digest("false_colour"), "2d571be162c3fc52");
  // Through OpenCV's filters and transforms, whose last digits follow the machine: every 211th pixel, to one level.
  const auto sampled = [&](const char* variant) {
    const Image found = variant_of(variant, image);
    std::vector<int> values;
    for (std::size_t i = 0; i < found.pixels.size(); i += 633) values.push_back(found.pixels[i]);
    return values;
  };
  const auto expect_sampled = [&](const char* variant, const std::vector<int>& expected) {
    const auto found = sampled(variant);
    ASSERT_EQ(found.size(), expected.size()) << variant << ::testing::PrintToString(found);
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_NEAR(found[i], expected[i], 1) << variant << " value " << i << " of " << ::testing::PrintToString(found);
  };
  expect_sampled("phase_scramble", {105, 102, 113, 114, 118, 129, 126, 122, 125, 118, 134, 134, 129, 133});
  expect_sampled("eidolon:kind=1", {97, 109, 128, 106, 125, 113, 131, 113, 135, 125, 140, 131, 143, 132});
  expect_sampled("eidolon:kind=2", {96, 112, 117, 112, 124, 110, 131, 119, 132, 113, 135, 130, 140, 139});
  expect_sampled("eidolon:kind=3", {103, 113, 114, 112, 117, 120, 121, 124, 129, 126, 137, 132, 141, 124});
}

}  // namespace
}  // namespace cuebench
