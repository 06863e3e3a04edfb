#include <cmath>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/encode.hpp>

#include "shared_tar.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using namespace std::literals;
using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

std::string reason_of(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const ImageError& error) {
    return error.what();
  }
  return "decoded";
}

Image gradient(int height, int width) {
  Image image(height, width);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.row(y)[3 * x] = static_cast<std::uint8_t>(8 * y);
      image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(8 * x);
      image.row(y)[3 * x + 2] = static_cast<std::uint8_t>(127 + 60 * std::sin(x * y));
    }
  }
  return image;
}

TEST(ImageFormat, IsToldByTheFirstBytes) {
  EXPECT_EQ(image_format(encode_png(gradient(2, 2))), "png");
  EXPECT_EQ(image_format(encode_jpeg(gradient(2, 2), 90)), "jpeg");
  EXPECT_EQ(image_format(encode_webp(gradient(2, 2))), "webp");
  EXPECT_EQ(image_format(bytes_of("GIF89a")), "gif");
  EXPECT_EQ(image_format(bytes_of("P5 1 1 255\n0")), "pnm");
  EXPECT_EQ(image_format(bytes_of("P9 1 1")), "");
  EXPECT_EQ(image_format(bytes_of("P")), "");
  EXPECT_EQ(image_format({}), "");
}

TEST(Decode, TheReasonNamesWhatUsersMeetInPlaceOfImages) {
  EXPECT_EQ(reason_of({}), "empty file");
  EXPECT_EQ(reason_of(bytes_of("GIF89a....")), "unsupported format gif");
  EXPECT_EQ(reason_of(bytes_of("\0\0\0\x1c"sv
                               "ftypavif")),
            "unsupported format avif");
  EXPECT_EQ(reason_of(bytes_of("version https://git-lfs.github.com/spec/v1\n")),
            "not an image: a Git LFS pointer in place of the file");
  EXPECT_EQ(reason_of(bytes_of("<!DOCTYPE html><html>")), "not an image: an HTML page");
  EXPECT_EQ(reason_of(bytes_of("<?xml version=\"1.0\"?><svg>")), "unsupported format svg");
  EXPECT_EQ(reason_of(bytes_of("\0\1\2"sv)), "not an image: starts with 00 01 02");
}

TEST(Decode, ACutJpegSaysThatItIsTruncated) {
  auto file = encode_jpeg(gradient(32, 32), 90);
  file.resize(file.size() - 2);  // the end marker alone
  EXPECT_EQ(reason_of(file), "truncated JPEG: Premature end of JPEG file");
}

TEST(Decode, AHugeSizeInASmallFileIsRefusedBeforeItsPixelsAreAllocated) {
  auto file = encode_jpeg(gradient(32, 32), 90);
  for (std::size_t i = 0; i + 9 < file.size(); ++i) {
    if (file[i] != std::byte(0xff) || file[i + 1] != std::byte(0xc0)) continue;
    for (const std::size_t at : {i + 5, i + 7}) {  // 12,800 x 12,800: within the limit, 490 MB of pixels
      file[at] = std::byte(50);
      file[at + 1] = std::byte(0);
    }
    break;
  }
  EXPECT_EQ(reason_of(file), "truncated JPEG: too few bytes for 12800 x 12800 pixels");
  EXPECT_EQ(reason_of(bytes_of("P6 12800 12800 255\n000")), "truncated PNM: too few samples");
  EXPECT_EQ(reason_of(bytes_of("P6 128000 128000 255\n000")),
            "too large: 128000 x 128000 pixels, the limit is 178956970");
}

TEST(Decode, SixteenBitGreyKeepsTheHighByteWherePillowClips) {
  // Samples such as 0x1234 = 4660 become 255 in Pillow's convert("RGB"), as nearly all do.
  const auto check = [](const Bytes& file, std::uint8_t expected) {
    const Image image = decode_image(file);
    EXPECT_EQ(image.pixels, std::vector<std::uint8_t>(3, expected));
  };
  // PGM scales by maxval, as Pillow does for colour: round(0x1280 / 65535 x 255) = 18.
  check(bytes_of("P5 1 1 65535\n\x12\x80"sv), 18);
  check(bytes_of("P5 1 1 65535\n\x12\xc0"sv), 19);  // the high byte would be 18
  check(bytes_of("P5 1 1 65535\n\xff\xff"sv), 255);
  const std::string tiff = "II*\0\x0a\0\0\0\x34\x12"s + "\x08\0"s + "\0\1\3\0\1\0\0\0\1\0\0\0"s +
                           "\1\1\3\0\1\0\0\0\1\0\0\0"s + "\2\1\3\0\1\0\0\0\x10\0\0\0"s + "\3\1\3\0\1\0\0\0\1\0\0\0"s +
                           "\6\1\3\0\1\0\0\0\1\0\0\0"s + "\x11\1\4\0\1\0\0\0\x08\0\0\0"s +
                           "\x16\1\3\0\1\0\0\0\1\0\0\0"s + "\x17\1\4\0\1\0\0\0\2\0\0\0"s + "\0\0\0\0"s;
  check(bytes_of(tiff), 0x12);
}

TEST(Decode, SixteenBitGreyOfTheReferenceFilesKeepsTheHighByte) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/bad_images/bad_images.tar");
  // One picture in two containers, and the three depths of one PngSuite ramp.
  std::map<std::string, Image> images;
  test::for_each_member(tar, [&](const std::string& name, std::span<const std::byte> bytes) {
    if (name == "made/p_gray16.png" || name == "made/t_gray16.tif") images[name] = decode_image(bytes);
  });
  ASSERT_EQ(images.size(), 2u);
  const Image& image = images.at("made/p_gray16.png");
  EXPECT_EQ(image, images.at("made/t_gray16.tif"));
  int levels[256] = {};
  for (const std::uint8_t value : image.pixels) ++levels[value];
  // A photograph, not the near-white sheet that clipping at 255 makes.
  EXPECT_LT(levels[255], static_cast<int>(image.pixels.size() / 20));
}

TEST(Decode, OrientationIsAppliedOnRequestOnly) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/bad_images/bad_images.tar");
  int checked = 0;
  test::for_each_member(tar, [&](const std::string& name, std::span<const std::byte> bytes) {
    if (!name.starts_with("made/j_exif_")) return;
    DecodeOptions options;
    options.apply_exif_orientation = true;
    const Image stored = decode_image(bytes), seen = decode_image(bytes, options);
    const char kind = name[12];
    const bool sideways = kind >= '5' && kind <= '8';
    EXPECT_EQ(seen.height, sideways ? stored.width : stored.height) << name;
    // Upright, not defined, or damaged: left alone.
    EXPECT_EQ(seen == stored, kind == '1' || kind == '9' || kind == 'g') << name;
    ++checked;
  });
  EXPECT_EQ(checked, 10);
}

TEST(Decode, ADamagedTiffIsRefusedWithoutAWordOnStandardError) {
  // The tags of a good file, and LZW data that are none.
  const std::string tiff = "II*\0\x0a\0\0\0\x34\x12"s + "\x08\0"s + "\0\1\3\0\1\0\0\0\x09\0\0\0"s +
                           "\1\1\3\0\1\0\0\0\x09\0\0\0"s + "\2\1\3\0\1\0\0\0\x08\0\0\0"s + "\3\1\3\0\1\0\0\0\5\0\0\0"s +
                           "\6\1\3\0\1\0\0\0\1\0\0\0"s + "\x11\1\4\0\1\0\0\0\x08\0\0\0"s +
                           "\x16\1\3\0\1\0\0\0\x09\0\0\0"s + "\x17\1\4\0\1\0\0\0\2\0\0\0"s + "\0\0\0\0"s;
  testing::internal::CaptureStderr();
  const std::string reason = reason_of(bytes_of(tiff));
  EXPECT_TRUE(reason.starts_with("corrupt TIFF: ")) << reason;
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  std::cerr << "said by the program";
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "said by the program");
}

TEST(DecodePlane, IsTheLumaOfColourAndTheValueOfGrey) {
  const Plane colour = decode_plane(bytes_of("P6 2 1 255\n\xff\0\0\x0a\x14\x1e"sv));
  EXPECT_EQ(colour.height, 1);
  EXPECT_EQ(colour.width, 2);
  // 0.299 x 255 = 76.2; 0.299 x 10 + 0.587 x 20 + 0.114 x 30 = 18.15
  EXPECT_EQ(colour.pixels, (std::vector<std::uint8_t>{76, 18}));
  const Plane grey = decode_plane(bytes_of("P5 3 1 255\n\0\x80\xff"sv));
  EXPECT_EQ(grey.pixels, (std::vector<std::uint8_t>{0, 128, 255}));
}

/// Decodes, or is refused with a reason: nothing else may happen to damaged bytes.
void decodes_or_is_refused(const Bytes& file) {
  DecodeOptions options;
  options.max_pixels = 1 << 20;
  options.apply_exif_orientation = true;
  try {
    const Image image = decode_image(file, options);
    RC_ASSERT(image.pixels.size() == std::size_t(image.height) * image.width * 3);
    RC_ASSERT(!image.empty());
  } catch (const ImageError& error) {
    RC_ASSERT(!std::string(error.what()).empty());
    RC_ASSERT(std::string(error.what()).find('\n') == std::string::npos);
  }
}

Bytes any_small_file() {
  const Image image = gradient(*rc::gen::inRange(1, 33), *rc::gen::inRange(1, 33));
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return encode_jpeg(image, 80, *rc::gen::arbitrary<bool>());
    case 1:
      return encode_png(image);
    default:
      return encode_webp(image);
  }
}

RC_GTEST_PROP(DecodeProperty, ATruncatedFileIsRefused, ()) {
  Bytes file = any_small_file();
  file.resize(*rc::gen::inRange<std::size_t>(0, file.size()));
  RC_ASSERT(reason_of(file) != "decoded");
}

RC_GTEST_PROP(DecodeProperty, ACorruptedFileDecodesOrIsRefused, ()) {
  Bytes file = any_small_file();
  const int changes = *rc::gen::inRange(1, 10);
  for (int i = 0; i < changes; ++i) {
    file[*rc::gen::inRange<std::size_t>(0, file.size())] = std::byte(*rc::gen::arbitrary<std::uint8_t>());
  }
  decodes_or_is_refused(file);
}

RC_GTEST_PROP(DecodeProperty, AnyChangeOfAPngIsNoticed, ()) {
  // Checksums over every chunk: nothing passes as another picture.
  const Image image = gradient(9, 9);
  Bytes file = encode_png(image);
  const auto at = *rc::gen::inRange<std::size_t>(0, file.size());
  file[at] ^= std::byte(*rc::gen::inRange(1, 256));
  RC_ASSERT(reason_of(file) != "decoded");
}

}  // namespace
}  // namespace cuebench
