// Real photographs against NumPy and scikit-image: tests/parity/transforms_variants.py computes the same variants.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cuebench/imaging/resize.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "python_parity.hpp"
#include "test_data.hpp"
#include "transforms/kernels/patch_grid.hpp"

namespace cuebench {
namespace {

using test::differences;
using test::read_pixels;
using test::write_pixels;

TEST(Parity, PhotographsAgreeWithNumpyAndScikitImage) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  if (!test::python_has("numpy, skimage, PIL"))
    GTEST_SKIP() << "python3-numpy, python3-skimage or python3-pil is not installed";
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
      test::run_python("transforms_variants.py", fmt::format("'{}' {}", folder.path().string(), list));
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
