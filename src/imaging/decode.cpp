#include <array>
#include <cstdio>
#include <new>
#include <string>

#include <cuebench/imaging/decode.hpp>

#include "exif.hpp"
#include "formats.hpp"

namespace cuebench {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view format;
};

constexpr std::array kSignatures = {
    Signature{0, "\xff\xd8\xff"sv, "jpeg"},
    Signature{0, "\x89PNG\r\n\x1a\n"sv, "png"},
    Signature{0, "BM"sv, "bmp"},
    Signature{0, "II*\0"sv, "tiff"},
    Signature{0, "MM\0*"sv, "tiff"},
    Signature{0, "II+\0"sv, "tiff"},
    Signature{0, "MM\0+"sv, "tiff"},
    Signature{0, "GIF87a"sv, "gif"},
    Signature{0, "GIF89a"sv, "gif"},
    Signature{0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "jp2"},
    Signature{0, "\xff\x4f\xff\x51"sv, "jp2"},
};

/// Formats that are named when they are refused.
constexpr std::array kUnsupported = {
    Signature{4, "ftypavif"sv, "avif"},
    Signature{4, "ftypavis"sv, "avif"},
    Signature{4, "ftypheic"sv, "heif"},
    Signature{4, "ftypheix"sv, "heif"},
    Signature{4, "ftypmif1"sv, "heif"},
    Signature{0, "\xff\x0a"sv, "jpeg-xl"},
    Signature{4, "JXL \r\n"sv, "jpeg-xl"},
    Signature{0, "8BPS"sv, "psd"},
    Signature{0, "\x76\x2f\x31\x01"sv, "exr"},
    Signature{0, "\0\0\1\0"sv, "ico"},
    Signature{0, "%PDF"sv, "pdf"},
    Signature{0, "<svg"sv, "svg"},
    Signature{0, "P7\n"sv, "pam"},
};

bool is_pnm(const ByteView& file) {
  if (file.size() < 3 || file.u8(0) != 'P' || file.u8(1) < '1' || file.u8(1) > '6') return false;
  return " \t\r\n\v\f#"sv.find(static_cast<char>(file.u8(2))) != std::string_view::npos;
}

std::string_view format_of(const ByteView& file) {
  for (const Signature& signature : kSignatures) {
    if (file.has(signature.at, signature.bytes)) return signature.format;
  }
  if (file.has(0, "RIFF") && file.has(8, "WEBP")) return "webp";
  return is_pnm(file) ? "pnm" : "";
}

bool contains_in_head(const ByteView& file, std::string_view text) {
  const std::string_view head(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 512));
  return head.find(text) != std::string_view::npos;
}

/// Why bytes without a known signature are no image: what users find most often, by name.
std::string reason_for_unknown(const ByteView& file) {
  for (const Signature& signature : kUnsupported) {
    if (file.has(signature.at, signature.bytes)) return "unsupported format " + std::string(signature.format);
  }
  if (file.has(0, "version https://git-lfs")) return "not an image: a Git LFS pointer in place of the file";
  if (contains_in_head(file, "<svg")) return "unsupported format svg";
  if (contains_in_head(file, "<html") || contains_in_head(file, "<HTML") || contains_in_head(file, "<!DOCTYPE")) {
    return "not an image: an HTML page";
  }
  if (file.has(1, "PNG")) return "not an image: PNG signature damaged, as by a text-mode copy";
  std::string reason = "not an image: starts with";
  for (std::size_t i = 0; i < std::min<std::size_t>(file.size(), 4); ++i) {
    char text[8];
    std::snprintf(text, sizeof text, " %02x", file.u8(i));
    reason += text;
  }
  return reason;
}

Decoded decode_as(std::string_view format, const ByteView& file, const DecodeOptions& options) {
  if (format == "jpeg") return decode_jpeg(file, options);
  if (format == "png") return decode_png(file, options);
  if (format == "bmp") return decode_bmp(file, options);
  if (format == "pnm") return decode_pnm(file, options);
  if (format == "webp") return decode_webp(file, options);
  if (format == "tiff") return decode_tiff(file, options);
  if (format == "jp2") return decode_jp2(file, options);
  if (!format.empty()) throw ImageError("unsupported format " + std::string(format));
  throw ImageError(reason_for_unknown(file));
}

}  // namespace

void check_size(std::string_view format, std::int64_t height, std::int64_t width, const DecodeOptions& options) {
  if (height <= 0 || width <= 0) throw ImageError("corrupt " + std::string(format) + ": a side is 0 or negative");
  if (height > options.max_pixels / width) {
    throw ImageError("too large: " + std::to_string(width) + " x " + std::to_string(height) + " pixels, the limit is " +
                     std::to_string(options.max_pixels));
  }
}

std::string_view image_format(std::span<const std::byte> bytes) {
  return format_of(ByteView(bytes));
}

Image decode_image(std::span<const std::byte> bytes, const DecodeOptions& options) {
  if (bytes.empty()) throw ImageError("empty file");
  const ByteView file(bytes);
  try {
    Decoded decoded = decode_as(format_of(file), file, options);
    if (!options.apply_exif_orientation) return std::move(decoded.image);
    return apply_orientation(std::move(decoded.image), decoded.orientation);
  } catch (const std::bad_alloc&) {
    throw ImageError("too large: not enough memory for its pixels");
  }
}

Plane decode_plane(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const Image image = decode_image(bytes, options);
  Plane plane(image.height, image.width);
  const std::uint8_t* rgb = image.pixels.data();
  // ITU-R 601 luma in 16-bit fixed point, as Pillow's "L"; grey stays what it is since the weights sum to 65536.
  for (std::uint8_t& value : plane.pixels) {
    value = static_cast<std::uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 32768) >> 16);
    rgb += Image::kChannels;
  }
  return plane;
}

}  // namespace cuebench
