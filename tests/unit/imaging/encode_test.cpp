#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <rapidcheck/gtest.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/encode.hpp>

#include "oracle.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

Image photo_like(int height, int width) {
  Image image(height, width);
  std::uint32_t noise = 1;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * 3; ++x) {
      noise = noise * 1664525 + 1013904223;
      image.row(y)[x] =
          static_cast<std::uint8_t>(127 + 90 * std::sin(x / 20.0 + y / 13.0 + x % 3) + double(noise >> 28));
    }
  }
  return image;
}

std::string rgb_sha256(const Image& image) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(image.pixels)));
  return digest.finish();
}

/// Size and SHA-256 of the RGB pixels as Pillow reads the file.
std::string as_pillow_reads_it(const std::vector<std::byte>& file) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "image";
  write_file_atomically(path, {reinterpret_cast<const char*>(file.data()), file.size()});
  return test::run_python(
      "import sys, hashlib; from PIL import Image; i = Image.open(sys.argv[1]); "
      "print(i.format, i.mode, i.height, i.width, hashlib.sha256(i.convert(\"RGB\").tobytes()).hexdigest())",
      path.string());
}

double mean_absolute_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / double(a.pixels.size());
}

RC_GTEST_PROP(EncodePng, DecodesToTheSamePixels, ()) {
  Image image(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40));
  const int amplitude = *rc::gen::inRange(1, 256);
  for (auto& value : image.pixels) value = static_cast<std::uint8_t>(*rc::gen::inRange(0, amplitude));
  RC_ASSERT(decode_image(encode_png(image, *rc::gen::inRange(1, 13))) == image);
}

TEST(EncodePng, PillowReadsTheSamePixels) {
  CUEBENCH_REQUIRE_PILLOW();
  for (const auto& [height, width] : {std::pair{1, 1}, {224, 224}, {3, 500}, {131, 2}}) {
    const Image image = photo_like(height, width);
    EXPECT_EQ(as_pillow_reads_it(encode_png(image)),
              "PNG RGB " + std::to_string(height) + " " + std::to_string(width) + " " + rgb_sha256(image));
  }
}

TEST(EncodePng, OpenCvReadsTheSamePixels) {
  for (const auto& [height, width] : {std::pair{1, 1}, {224, 224}, {3, 500}, {131, 2}}) {
    const Image image = photo_like(height, width);
    const auto file = encode_png(image);
    const cv::Mat bytes(1, int(file.size()), CV_8UC1, const_cast<std::byte*>(file.data()));
    cv::Mat read;
    cv::cvtColor(cv::imdecode(bytes, cv::IMREAD_COLOR), read, cv::COLOR_BGR2RGB);
    ASSERT_EQ(read.rows, height);
    ASSERT_EQ(read.cols, width);
    EXPECT_TRUE(std::equal(image.pixels.begin(), image.pixels.end(), read.datastart, read.dataend));
  }
}

TEST(EncodePng, UsesOneDataChunkAndCompresses) {
  const Image image = photo_like(224, 224);
  const auto file = encode_png(image);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  EXPECT_LT(file.size(), image.pixels.size() * 7 / 8);  // photo-like with 4 bits of noise
  EXPECT_EQ(text.substr(37, 4), "IDAT");
  EXPECT_TRUE(text.ends_with(std::string_view("\0\0\0\0IEND\xae\x42\x60\x82", 12)));
}

TEST(EncodePng, RefusesWhatItCannotWrite) {
  EXPECT_THROW(encode_png(Image()), std::invalid_argument);
  EXPECT_THROW(encode_png(Image(2, 2), 0), std::invalid_argument);
  EXPECT_THROW(encode_png(Image(2, 2), 13), std::invalid_argument);
}

TEST(EncodeWebp, IsLosslessForUsAndForPillow) {
  CUEBENCH_REQUIRE_PILLOW();
  const Image image = photo_like(61, 97);
  const auto file = encode_webp(image);
  EXPECT_EQ(image_format(file), "webp");
  EXPECT_EQ(decode_image(file), image);
  EXPECT_EQ(as_pillow_reads_it(file), "WEBP RGB 61 97 " + rgb_sha256(image));
  EXPECT_THROW(encode_webp(Image(1, 16384)), std::invalid_argument);
}

TEST(EncodeJpeg, PillowReadsWhatWeRead) {
  CUEBENCH_REQUIRE_PILLOW();
  for (const bool subsample : {false, true}) {
    const auto file = encode_jpeg(photo_like(50, 75), 90, subsample);
    EXPECT_EQ(as_pillow_reads_it(file), "JPEG RGB 50 75 " + rgb_sha256(decode_image(file)));
  }
}

TEST(EncodeJpeg, QualityAndSubsamplingActAsTheyShould) {
  const Image image = photo_like(128, 128);
  const auto low = encode_jpeg(image, 20), high = encode_jpeg(image, 95), subsampled = encode_jpeg(image, 95, true);
  EXPECT_LT(low.size(), high.size());
  EXPECT_LT(subsampled.size(), high.size());
  const double error_low = mean_absolute_difference(decode_image(low), image);
  const double error_high = mean_absolute_difference(decode_image(high), image);
  EXPECT_LT(error_high, error_low);
  EXPECT_LT(error_high, 4.0);  // a third of the largest quantiser step of quality 95, which is 12
  EXPECT_THROW(encode_jpeg(image, 0), std::invalid_argument);
  EXPECT_THROW(encode_jpeg(image, 101), std::invalid_argument);
  EXPECT_THROW(encode_jpeg(Image(1, 65501), 90), std::invalid_argument);
}

}  // namespace
}  // namespace cuebench
