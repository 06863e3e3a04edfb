// Real photographs against NumPy and scikit-image: tests/parity/transforms_variants.py computes the same variants.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/imaging/resize.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "test_data.hpp"
#include "transforms/kernels/patch_grid.hpp"

namespace cuebench {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

/// Runs a command and returns its exit status and what it wrote.
std::pair<int, std::string> run(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return {-1, "popen failed"};
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), count);
  return {pclose(pipe), output};
}

void write_pixels(const std::filesystem::path& path, const Image& image) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.pixels.data()), std::streamsize(image.pixels.size()));
}

std::vector<std::uint8_t> read_pixels(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  std::vector<std::uint8_t> pixels(bytes.size());
  std::transform(bytes.begin(), bytes.end(), pixels.begin(), [](std::byte b) { return std::uint8_t(b); });
  return pixels;
}

/// Bytes that differ, and the largest difference.
std::pair<int, int> differences(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  if (a.size() != b.size()) return {-1, 256};
  int count = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    count += a[i] != b[i];
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return {count, largest};
}

TEST(Parity, PhotographsAgreeWithNumpyAndScikitImage) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  if (run(std::string(kPython) + " -c 'import numpy, skimage, PIL'").first != 0) {
    if (test::must_have_shared_data()) FAIL() << "python3-numpy, python3-skimage and python3-pil are missing in CI";
    GTEST_SKIP() << "python3-numpy, python3-skimage or python3-pil is not installed";
  }
  const test::TemporaryFolder folder;
  std::vector<std::pair<std::string, Image>> images;
  for (const Image& image : test::photographs(tar, 50)) {
    for (const int side : {224, 32}) {
      const std::string name = std::to_string(images.size());
      images.emplace_back(name, side == 224 ? image : resize(image, side, side, Resampling::bilinear));
      write_pixels(folder.path() / (name + "." + std::to_string(side) + ".rgb"), images.back().second);
    }
  }
  std::vector<int> permutation(16);
  for (int i = 0; i < 16; ++i) permutation[i] = (7 * i + 3) % 16;
  std::string list;
  for (const int i : permutation) list += fmt::format("{}{}", list.empty() ? "" : ",", i);
  const auto [status, output] =
      run(std::string(kPython) + " '" CUEBENCH_SOURCE_DIR "/tests/parity/transforms_variants.py' '" +
          folder.path().string() + "' " + list);
  ASSERT_EQ(status, 0) << output;

  const auto expected = [&](const std::string& name, const char* variant) {
    return read_pixels(folder.path() / (name + "." + variant));
  };
  std::size_t pixels = 0, grey_off = 0, lines_off = 0;
  for (const auto& [name, image] : images) {
    SCOPED_TRACE(name + " of side " + std::to_string(image.width));
    const auto found = [&, &picture = image](const char* text) {
      return make_variant(text).apply(picture, {}).image.pixels;
    };
    pixels += image.pixels.size();
    EXPECT_EQ(differences(permute_cells(image, 4, permutation).pixels, expected(name, "patch")), (std::pair{0, 0}));
    EXPECT_EQ(differences(found("grayscale:weights=601"), expected(name, "grey601")), (std::pair{0, 0}));
    EXPECT_EQ(differences(found("edges:method=find_edges"), expected(name, "find_edges")), (std::pair{0, 0}));
    for (const char* p : {"1", "8", "1024"}) {
      // Both sides work in double; a table entry exactly between two levels could still round apart.
      const auto off = differences(found((std::string("saturate:p=") + p).c_str()),
                                   expected(name, (std::string("saturate") + p).c_str()));
      EXPECT_EQ(off, (std::pair{0, 0})) << p;
    }
    const auto grey = differences(found("grayscale"), expected(name, "grey709"));
    EXPECT_LE(grey.second, 1) << "scikit-image rounds exact halves with an error of 1e-16";
    grey_off += grey.first;
    lines_off += differences(found("edges"), expected(name, "canny")).first;
    lines_off +=
        differences(found("edges:sigma=0.4,low=0.35,high=0.9,polarity=white_on_black"), expected(name, "canny_s1"))
            .first;
  }
  std::printf("of %zu values: grey %zu off by one, edges %zu different\n", pixels, grey_off, lines_off);
  EXPECT_LE(grey_off, pixels / 1000);
  // The order of floating-point sums may decide a tie of two neighbours; anything more is another algorithm.
  EXPECT_LE(lines_off, pixels / 10000);
}

}  // namespace
}  // namespace cuebench
