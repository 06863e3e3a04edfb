#include "decode_opencv.hpp"
#include "exif.hpp"
#include "formats.hpp"

namespace cuebench {
namespace {

struct WebpHeader {
  int width = 0, height = 0;
  bool animated = false;
};

std::uint32_t u24(const ByteView& file, std::size_t at) {
  return file.u16(at, ByteOrder::little) | std::uint32_t(file.u8(at + 2)) << 16;
}

/// The first chunk tells the size (RFC 9649): extended, lossy or lossless.
WebpHeader read_header(const ByteView& file) {
  constexpr std::size_t kFirst = 12, kPayload = 20;
  WebpHeader header;
  if (file.has(kFirst, "VP8X")) {
    header.animated = (file.u8(kPayload) & 0x02) != 0;
    header.width = static_cast<int>(u24(file, kPayload + 4)) + 1;
    header.height = static_cast<int>(u24(file, kPayload + 7)) + 1;
  } else if (file.has(kFirst, "VP8 ")) {
    if (u24(file, kPayload + 3) != 0x2a019d) throw ImageError("corrupt WebP: no start code");
    header.width = static_cast<int>(file.u16(kPayload + 6, ByteOrder::little) & 0x3fff);
    header.height = static_cast<int>(file.u16(kPayload + 8, ByteOrder::little) & 0x3fff);
  } else if (file.has(kFirst, "VP8L")) {
    if (file.u8(kPayload) != 0x2f) throw ImageError("corrupt WebP: no lossless signature");
    const std::uint32_t bits = file.u32(kPayload + 1, ByteOrder::little);
    header.width = static_cast<int>(bits & 0x3fff) + 1;
    header.height = static_cast<int>(bits >> 14 & 0x3fff) + 1;
  } else {
    throw ImageError("corrupt WebP: unknown first chunk");
  }
  return header;
}

int find_orientation(const ByteView& file) {
  std::size_t at = 12;
  while (at + 8 <= file.size()) {
    const std::size_t length = file.u32(at + 4, ByteOrder::little);
    if (length > file.size() - at - 8) break;
    if (file.has(at, "EXIF")) return exif_orientation(file.slice(at + 8, length));
    at += 8 + length + length % 2;
  }
  return 1;
}

}  // namespace

Decoded decode_webp(const ByteView& file, const DecodeOptions& options) {
  const WebpHeader header = read_header(file);
  if (header.animated) throw ImageError("unsupported format animated WebP");
  check_size("WebP", header.height, header.width, options);
  if (file.u32(4, ByteOrder::little) > file.size() - 8) throw ImageError("truncated WebP: ends before its length");
  Decoded decoded;
  decoded.orientation = find_orientation(file);
  decoded.image = decode_with_opencv("WebP", file, header.height, header.width);
  return decoded;
}

}  // namespace cuebench
