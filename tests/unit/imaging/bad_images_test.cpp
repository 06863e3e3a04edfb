// Every file of the reference collection of odd and broken images has the outcome that its table demands.

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/digest.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/imaging/decode.hpp>

#include "shared_tar.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

struct Expectation {
  bool ok = false;
  std::string rgb_sha256, mode, format, what;
  int frames = 1;
};

std::map<std::string, Expectation> read_expectations(const std::filesystem::path& csv) {
  std::map<std::string, Expectation> expectations;
  const CsvTable table = parse_csv(read_text_file(csv), csv.string());
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto field = [&](std::string_view name) { return table.rows[row].fields[table.column(name)]; };
    Expectation& expectation = expectations[field("file")];
    expectation.ok = field("expected") == "ok";
    expectation.rgb_sha256 = field("rgb_sha256");
    expectation.mode = field("mode");
    expectation.format = field("format");
    expectation.what = field("what");
    if (!field("frames").empty()) expectation.frames = std::stoi(field("frames"));
  }
  return expectations;
}

std::string rgb_sha256(const Image& image) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(image.pixels)));
  return digest.finish();
}

/// The formats that are refused by name although Pillow reads them.
bool refused_by_name(const Expectation& expectation) {
  return expectation.format == "GIF" || (expectation.format == "WEBP" && expectation.frames > 1);
}

/// Pillow opens 16-bit grey as mode I or I;16 and clips it at 255; here it keeps the high byte (decode_test.cpp).
bool sixteen_bit_grey(const Expectation& expectation) {
  return expectation.mode.starts_with("I");
}

void check_reason(const std::string& reason) {
  EXPECT_FALSE(reason.empty());
  EXPECT_EQ(reason.find('\n'), std::string::npos) << reason;
  EXPECT_LT(reason.size(), 200u) << reason;
}

void check_outcome(const Expectation& expectation, std::span<const std::byte> bytes) {
  try {
    const Image image = decode_image(bytes);
    ASSERT_TRUE(expectation.ok) << "decoded, but it is bad: " << expectation.what;
    ASSERT_FALSE(refused_by_name(expectation));
    if (sixteen_bit_grey(expectation)) return;
    EXPECT_EQ(rgb_sha256(image), expectation.rgb_sha256);
  } catch (const ImageError& error) {
    check_reason(error.what());
    if (refused_by_name(expectation)) {
      EXPECT_TRUE(std::string(error.what()).starts_with("unsupported format")) << error.what();
    } else {
      EXPECT_FALSE(expectation.ok) << "refused, but it is good: " << error.what();
    }
  }
}

TEST(BadImages, EveryFileHasTheOutcomeOfTheTable) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/bad_images");
  const auto expectations = read_expectations(folder / "expected.csv");
  ASSERT_GT(expectations.size(), 300u);
  std::set<std::string> seen;
  testing::internal::CaptureStderr();
  test::for_each_member(folder / "bad_images.tar", [&](const std::string& name, std::span<const std::byte> bytes) {
    SCOPED_TRACE(name);
    const auto expectation = expectations.find(name);
    ASSERT_NE(expectation, expectations.end());
    check_outcome(expectation->second, bytes);
    seen.insert(name);
  });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "a decoder wrote to standard error";
  EXPECT_EQ(seen.size(), expectations.size());
}

TEST(BadImages, APixelLimitIsCheckedBeforeDecoding) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/bad_images");
  DecodeOptions options;
  options.max_pixels = 93 * 70 - 1;
  int checked = 0;
  test::for_each_member(folder / "bad_images.tar", [&](const std::string& name, std::span<const std::byte> bytes) {
    static const std::set<std::string> one_of_each = {
        "made/j_420.jpg", "made/p_rgb8.png",   "made/w_lossy.webp",    "made/m_24.bmp",      "made/t_lzw.tif",
        "made/n_p6.ppm",  "made/w_alpha.webp", "made/w_lossless.webp", "made/k_lossless.jp2"};
    if (!one_of_each.contains(name)) return;
    SCOPED_TRACE(name);
    ++checked;
    try {
      decode_image(bytes, options);
      ADD_FAILURE() << "decoded above the limit";
    } catch (const ImageError& error) {
      EXPECT_EQ(std::string(error.what()), "too large: 93 x 70 pixels, the limit is 6509");
    }
    DecodeOptions enough;
    enough.max_pixels = 93 * 70;
    EXPECT_NO_THROW(decode_image(bytes, enough));
  });
  EXPECT_EQ(checked, 9);
}

TEST(BadImages, EveryGoodFileIsRefusedWhenCut) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/bad_images");
  const auto expectations = read_expectations(folder / "expected.csv");
  // What is cut from these is no part of the picture: bytes after its end, a second page or picture.
  static const std::set<std::string> ends_early = {"made/j_trailing_garbage.jpg", "made/j_two_concatenated.jpg",
                                                   "made/t_multipage.tif", "made/p_trailing.png"};
  int checked = 0;
  test::for_each_member(folder / "bad_images.tar", [&](const std::string& name, std::span<const std::byte> bytes) {
    if (!expectations.at(name).ok || ends_early.contains(name) || bytes.size() > 100'000) return;
    for (const double share : {0.1, 0.5, 0.9, 0.99}) {
      const auto length = static_cast<std::size_t>(share * static_cast<double>(bytes.size()));
      EXPECT_THROW(decode_image(bytes.first(length)), ImageError) << name << " cut to " << length;
      ++checked;
    }
  });
  EXPECT_GT(checked, 900);
}

}  // namespace
}  // namespace cuebench
