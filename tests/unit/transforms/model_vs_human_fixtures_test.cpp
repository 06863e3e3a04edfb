// The kernels of the model-vs-human manipulations against numbers that other code computed (variants.json).

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <cuebench/transforms/transform.hpp>

#include "fixtures.hpp"
#include "transforms/kernels/frequency_filters.hpp"
#include "transforms/kernels/grey_levels.hpp"
#include "transforms/kernels/luminance.hpp"
#include "transforms/kernels/opponent_colour.hpp"
#include "transforms/kernels/rotation.hpp"
#include "transforms/kernels/spectra.hpp"
#include "transforms/kernels/value_noise.hpp"

namespace cuebench {
namespace {

using test::expect_values;
using test::Json;
using test::Values;

Values first_channel(const Image& image) {
  Values values;
  for (std::size_t i = 0; i < image.pixels.size(); i += Image::kChannels) values.push_back(image.pixels[i]);
  return values;
}

/// For fixtures of values in [0, 1] where the kernel gives bytes: the byte of each value, or the neighbour of a value
/// that lies on a boundary to within the fixture's own tolerance.
void expect_bytes(const Json& one, const Image& found) {
  const auto expected = one["expect"]["data"].get<Values>();
  const double tolerance = one["tolerance"]["abs"];
  const Values bytes = first_channel(found);
  ASSERT_EQ(bytes.size(), expected.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_GE(bytes[i], std::floor(255 * (expected[i] - tolerance))) << "value " << i;
    EXPECT_LE(bytes[i], std::floor(255 * (expected[i] + tolerance))) << "value " << i;
  }
}

Values clipped(const cv::Mat& plane) {
  Values values;
  cv::Mat1d doubles;
  plane.convertTo(doubles, CV_64F);
  for (const double v : doubles) values.push_back(std::clamp(v, 0.0, 1.0));
  return values;
}

/// From the mean in the middle (numpy's fftshift) to the mean first.
cv::Mat1f unshifted(const std::vector<float>& shifted, int side) {
  cv::Mat1f plane(side, side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      plane((y + (side + 1) / 2) % side, (x + (side + 1) / 2) % side) = shifted[std::size_t(y) * side + x];
  return plane;
}

TEST(ModelVsHumanFixtures, Contrast) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(4, fixtures.each("geirhos.contrast", [&](const Json& one) {
    expect_bytes(one, grey_contrast(fixtures.image(one["input"]), one["params"]["level"], Rounding::down));
  }));
  EXPECT_EQ(1, fixtures.each("geirhos.contrast.u8trunc", [&](const Json& one) {
    expect_values(one,
                  first_channel(grey_contrast(fixtures.image(one["input"]), one["params"]["level"], Rounding::down)));
  }));
}

TEST(ModelVsHumanFixtures, LowPassAndHighPass) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(4, fixtures.each("geirhos.lowpass", [&](const Json& one) {
    const double sigma = one["params"]["sigma"];
    EXPECT_EQ(one["params"]["cval"], kMeanGrey);
    expect_values(one, clipped(low_passed(grey709_plane(fixtures.image(one["input"])), sigma)));
    expect_values(one, clipped(low_passed(grey709_plane_float(fixtures.image(one["input"])), sigma)));
  }));
  EXPECT_EQ(6, fixtures.each("geirhos.highpass", [&](const Json& one) {
    const double sigma = one["params"]["sigma"];
    expect_values(one, clipped(high_passed(grey709_plane(fixtures.image(one["input"])), sigma)));
    expect_values(one, clipped(high_passed(grey709_plane_float(fixtures.image(one["input"])), sigma)));
  }));
}

TEST(ModelVsHumanFixtures, PhaseScramble) {
  OPEN_FIXTURES(fixtures);
  std::vector<float> half_turns;
  EXPECT_EQ(1, fixtures.each("geirhos.phase_scramble.source", [&](const Json& one) {
    for (const double radians : one["params"]["shifts_rad"].get<Values>())
      half_turns.push_back(static_cast<float>(radians / std::numbers::pi));
    const cv::Mat1f grey = grey709_plane_float(fixtures.image(one["input"]));
    expect_values(one, clipped(phase_scrambled(grey, half_turns, PhasePairs::source)));
  }));
  EXPECT_EQ(1, fixtures.each("phase_scramble.hermitian", [&](const Json& one) {
    const cv::Mat1f grey = grey709_plane_float(fixtures.image(one["input"]));
    expect_values(one, clipped(phase_scrambled(grey, half_turns, PhasePairs::hermitian)));
  }));
}

TEST(ModelVsHumanFixtures, PowerEqualisation) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(1, fixtures.each("geirhos.power_equalise", [&](const Json& one) {
    const cv::Mat1f grey = grey709_plane_float(fixtures.image(one["input"]));
    const auto shifted = one["params"]["avg_amplitude_shifted"].get<std::vector<float>>();
    expect_values(one, clipped(with_amplitudes(grey, unshifted(shifted, grey.rows))));
  }));
  EXPECT_EQ(1, fixtures.each("amplitude_swap", [&](const Json& one) {
    const cv::Mat1f phases = grey709_plane_float(fixtures.image(one["params"]["phase_from"]));
    const cv::Mat1f other = grey709_plane_float(fixtures.image(one["params"]["amplitude_from"]));
    cv::Mat_<cv::Vec2f> spectrum;
    cv::dft(other, spectrum, cv::DFT_COMPLEX_OUTPUT);
    cv::Mat1f amplitudes(other.size());
    std::transform(spectrum.begin(), spectrum.end(), amplitudes.begin(),
                   [](const cv::Vec2f& v) { return std::hypot(v[0], v[1]); });
    expect_values(one, with_amplitudes(phases, amplitudes));
  }));
}

TEST(ModelVsHumanFixtures, Rotation) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(3, fixtures.each("geirhos.rotate", [&](const Json& one) {
    const Image found = rotated(fixtures.image(one["input"]), one["params"]["degrees_ccw"]);
    EXPECT_EQ(found.height, one["expect"]["shape"][0]);
    EXPECT_EQ(found.width, one["expect"]["shape"][1]);
    expect_values(one, found.pixels);
  }));
}

TEST(ModelVsHumanFixtures, OpponentColours) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(2, fixtures.each("geirhos.false_colour", [&](const Json& one) {
    Image image = fixtures.image(one["input"]);
    image.height = one["expect"]["shape"][0];  // one case lists the first row only
    image.pixels.resize(std::size_t(image.height) * image.width * Image::kChannels);
    Json exact = one;
    exact["tolerance"]["abs"] = 0;  // asked for is 1; the same table and the same search leave nothing
    expect_values(exact, opponent_colours(image).pixels);
  }));
}

TEST(ModelVsHumanFixtures, GivenNoise) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(2, fixtures.each("geirhos.uniform_noise.given", [&](const Json& one) {
    std::vector<float> noise;
    for (const double u : one["params"]["u01"].get<Values>()) noise.push_back(static_cast<float>(2 * u - 1));
    expect_bytes(one, grey_with_noise(fixtures.image(one["input"]), one["params"]["contrast"], one["params"]["width"],
                                      noise, Rounding::down));
  }));
  EXPECT_EQ(1, fixtures.each("geirhos.salt_pepper.given", [&](const Json& one) {
    const auto draws = one["params"]["u01"].get<std::vector<float>>();
    expect_bytes(one, grey_with_salt_and_pepper(fixtures.image(one["input"]), one["params"]["contrast"],
                                                one["params"]["p"], draws, Rounding::down));
  }));
  EXPECT_EQ(1, fixtures.each("imagenetc.gaussian_noise.given", [&](const Json& one) {
    const auto noise = one["params"]["standard_normal"].get<std::vector<float>>();
    expect_values(one, with_value_noise(fixtures.image(one["input"]), one["params"]["scale"], noise).pixels);
  }));
}

TEST(ModelVsHumanFixtures, GaussianBlur) {
  OPEN_FIXTURES(fixtures);
  EXPECT_EQ(4, fixtures.each("imagenetc.gaussian_blur", [&](const Json& one) {
    const std::string sigma = std::to_string(one["params"]["sigma"].get<int>());
    // The fixture cuts off where gaussian_blur rounds: its tolerance of one level covers that.
    expect_values(one,
                  make_variant("gaussian_blur:sigma=" + sigma).apply(fixtures.image(one["input"]), {}).image.pixels);
  }));
}

TEST(ModelVsHumanFixtures, Jpeg) {
  OPEN_FIXTURES(fixtures);
  const auto check = [&](const Json& one) {
    const int quality = one["params"]["quality"];
    const auto found =
        make_variant("jpeg:subsampling=420,quality=" + std::to_string(quality)).apply(fixtures.image(one["input"]), {});
    Json exact = one;
    exact["tolerance"]["abs"] = 0;  // asked for are 4: the fixture and we use libjpeg-turbo with the same settings
    expect_values(exact, found.image.pixels);
  };
  EXPECT_EQ(2, fixtures.each("imagenetc.jpeg", check));
  EXPECT_EQ(1, fixtures.each("imagenetc.save_step", check));
}

}  // namespace
}  // namespace cuebench
