// Real photographs against NumPy, SciPy, scikit-image and Pillow: tests/parity/transforms_model_vs_human.py computes
// the same variants in double precision; numbers that are random are drawn here and given to both.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cuebench/imaging/resize.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "python_parity.hpp"
#include "test_data.hpp"
#include "transforms/kernels/eidolon.hpp"
#include "transforms/kernels/levels.hpp"
#include "transforms/kernels/luminance.hpp"
#include "transforms/kernels/monitor_gamma.hpp"
#include "transforms/kernels/random_values.hpp"
#include "transforms/kernels/spectra.hpp"

namespace cuebench {
namespace {

void write_floats(const std::filesystem::path& path, const float* values, std::size_t count) {
  std::ofstream(path, std::ios::binary | std::ios::app)
      .write(reinterpret_cast<const char*>(values), std::streamsize(count * sizeof(float)));
}

cv::Mat1f grey601_plane(const Image& image) {
  cv::Mat1f grey(image.height, image.width);
  std::size_t i = 0;
  for (float& value : grey) {
    value = grey601(image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]) / 255.F;
    i += 3;
  }
  return grey;
}

/// An image and the random numbers that both sides use.
struct Subject {
  Image image;
  std::vector<float> half_turns;
  std::vector<DisplacementField> fields;

  Subject(const Image& picture, const std::string& name) : image(picture) {
    RandomStream random(1, name, "parity");
    const cv::Size size(image.width, image.height);
    half_turns = signed_uniform_values(random, phase_shift_count(size));
    fields = displacement_fields(size, eidolon_scales(size), 0.3, 10, random);
  }
  void write(const std::filesystem::path& folder, const std::string& name) const {
    test::write_pixels(folder / fmt::format("{}.{}x{}.rgb", name, image.width, image.height), image);
    write_floats(folder / (name + ".shifts"), half_turns.data(), half_turns.size());
    for (const DisplacementField& field : fields)
      write_floats(folder / (name + ".fields"), reinterpret_cast<const float*>(field.data), 2 * field.total());
  }
  Image phase(PhasePairs pairs) const {
    return grey_image(phase_scrambled(grey709_plane_float(image), half_turns, pairs), Rounding::down);
  }
  Image eidolon() const {
    const cv::Mat1f grey = grey601_plane(image);
    return grey_image(disarrayed(scale_differences(grey, eidolon_scales(grey.size())), fields, 8), Rounding::down);
  }
};

/// Name of the oracle's result -> our variant, and the share of values that may differ by one level.
struct Expectation {
  const char* oracle;
  const char* variant;
  double share;
};
/// Both sides compute in whole numbers or double.
constexpr double kExact = 0;
/// Values closer than about 1e-4 of a level to a boundary fall on either side: 1 in 10,000, with room for ten times
/// that.
constexpr double kSinglePrecision = 1e-3;
/// Beside white areas the tails of the filter give many values just below 255, which the rounding rule forgives.
constexpr double kTails = 3e-3;
constexpr Expectation kExpectations[] = {{"grey", "contrast:level=1", kExact},
                                         {"grey", "uniform_noise:width=0,contrast=1", kExact},
                                         {"grey", "salt_pepper:p=0,contrast=1", kExact},
                                         {"grey", "low_pass:sigma=0", kExact},
                                         {"grey", "high_pass:sigma=inf", kExact},
                                         {"grey", "phase_scramble:width=0", kExact},
                                         {"grey", "power_equalise:amount=0", kExact},
                                         {"grey", "rotate:degrees=0", kExact},
                                         {"contrast0.5", "contrast:level=0.5", kExact},
                                         {"contrast0.03", "contrast:level=0.03", kExact},
                                         {"low1", "low_pass:sigma=1", kTails},
                                         {"low7", "low_pass:sigma=7", kTails},
                                         {"low40", "low_pass:sigma=40", kTails},
                                         {"high3", "high_pass:sigma=3", kSinglePrecision},
                                         {"high0.4", "high_pass:sigma=0.4", kSinglePrecision},
                                         {"power1", "power_equalise", kSinglePrecision},
                                         {"power0.5", "power_equalise:amount=0.5", kSinglePrecision},
                                         {"opponent", "false_colour", kSinglePrecision},
                                         {"rotate180", "rotate", kExact},
                                         {"blur2", "gaussian_blur:sigma=2", kSinglePrecision},
                                         {"jpeg25", "jpeg:quality=25", kExact},
                                         {"jpeg80", "jpeg:quality=80,subsampling=444", kExact},
                                         {"binary100", "binarize:method=threshold,threshold=100", kExact},
                                         {"otsu", "binarize:polarity=black_bright", kExact}};

TEST(ModelVsHumanParity, PhotographsAgreeWithNumpyScipyAndPillow) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  if (!test::python_has("numpy, scipy, skimage, PIL"))
    GTEST_SKIP() << "python3-numpy, python3-scipy, python3-skimage or python3-pil is not installed";
  const test::TemporaryFolder folder;
  std::map<std::string, Subject> subjects;
  for (const Image& image : test::photographs(tar, 50))
    for (const auto& [height, width] : {std::pair{224, 224}, {32, 32}, {75, 90}}) {
      const std::string name = std::to_string(subjects.size());
      const Subject subject(height == 224 ? image : resize(image, height, width, Resampling::bilinear), name);
      subject.write(folder.path(), name);
      subjects.emplace(name, subject);
    }
  {
    std::ofstream monitor(folder.path() / "monitor.txt");
    for (const double light : kMonitorLight) monitor << light << '\n';
  }
  const auto [status, output] =
      test::run_python("transforms_model_vs_human.py", fmt::format("'{}'", folder.path().string()));
  ASSERT_EQ(status, 0) << output;

  // Over all images, by variant: a photograph of 32 x 32 has few values.
  std::map<std::string, std::pair<std::size_t, std::size_t>> off;
  std::map<std::string, double> allowed;
  const auto check = [&](const Image& found, const std::string& name, const std::string& oracle,
                         const std::string& variant, double share) {
    const auto [count, largest] =
        test::differences(found.pixels, test::read_pixels(folder.path() / (name + "." + oracle)));
    EXPECT_LE(largest, 1) << variant << " of image " << name;
    off[variant].first += std::size_t(count);
    off[variant].second += found.pixels.size();
    allowed[variant] = share;
  };
  for (const auto& [name, subject] : subjects) {
    for (const auto& [oracle, variant, share] : kExpectations)
      check(make_variant(variant).apply(subject.image, {}).image, name, oracle, variant, share);
    check(subject.phase(PhasePairs::source), name, "phase_source", "phase, source", kSinglePrecision);
    check(subject.phase(PhasePairs::hermitian), name, "phase_hermitian", "phase, hermitian", kSinglePrecision);
    check(subject.eidolon(), name, "eidolon", "eidolon", kSinglePrecision);
    if (subject.image.height != subject.image.width) continue;
    for (const char* degrees : {"90", "270"})
      check(make_variant(fmt::format("rotate:colour=rgb,degrees={}", degrees)).apply(subject.image, {}).image, name,
            fmt::format("rotate{}", degrees), fmt::format("rotate, {}", degrees), kExact);
  }
  for (const auto& [variant, counts] : off) {
    std::printf("%-40s %zu of %zu values off by one\n", variant.c_str(), counts.first, counts.second);
    EXPECT_LE(double(counts.first), allowed[variant] * double(counts.second)) << variant;
  }
}

}  // namespace
}  // namespace cuebench
