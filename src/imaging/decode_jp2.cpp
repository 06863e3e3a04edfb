#include <algorithm>
#include <string>
#include <string_view>

#include "decode_opencv.hpp"
#include "formats.hpp"

// The structure is checked here since OpenJPEG decodes what it finds and fills the rest of a cut file with grey.
namespace cuebench {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kStartOfCodestream = "\xff\x4f"sv;

/// The contiguous codestream: the whole file, or the content of its first jp2c box (ISO/IEC 15444-1, annex I).
ByteView find_codestream(const ByteView& file) {
  if (file.has(0, kStartOfCodestream)) return file;
  std::size_t at = 0;
  while (at < file.size()) {
    std::uint64_t length = file.u32(at, ByteOrder::big);
    std::size_t header = 8;
    if (length == 1) {
      length = std::uint64_t(file.u32(at + 8, ByteOrder::big)) << 32 | file.u32(at + 12, ByteOrder::big);
      header = 16;
    } else if (length == 0) {
      length = file.size() - at;
    }
    if (length < header) throw ImageError("corrupt JPEG 2000: box length");
    if (length > file.size() - at) throw ImageError("truncated JPEG 2000: a box runs past the end");
    if (file.has(at + 4, "jp2c")) return file.slice(at + header, static_cast<std::size_t>(length) - header);
    at += static_cast<std::size_t>(length);
  }
  throw ImageError("truncated JPEG 2000: no codestream");
}

struct Geometry {
  std::int64_t width = 0, height = 0;
};

/// The SIZ segment, which is the first (annex A.5.1).
Geometry read_size(const ByteView& stream, const DecodeOptions& options) {
  if (!stream.has(2, "\xff\x51")) throw ImageError("corrupt JPEG 2000: no size segment");
  const auto field = [&](std::size_t index) { return std::int64_t(stream.u32(8 + 4 * index, ByteOrder::big)); };
  const Geometry geometry = {field(0) - field(2), field(1) - field(3)};
  check_size("JPEG 2000", geometry.height, geometry.width, options);
  if (field(2) != 0 || field(3) != 0) throw ImageError("unsupported JPEG 2000: an image offset");
  if (field(4) <= 0 || field(5) <= 0) throw ImageError("corrupt JPEG 2000: tile size 0");
  const std::int64_t tiles = ((field(0) + field(4) - 1) / field(4)) * ((field(1) + field(5) - 1) / field(5));
  if (tiles > 65535) throw ImageError("corrupt JPEG 2000: too many tiles");
  const std::uint32_t components = stream.u16(40, ByteOrder::big);
  if (components != 1 && components != 3 && components != 4) {
    throw ImageError("unsupported JPEG 2000: " + std::to_string(components) + " components");
  }
  for (std::size_t c = 0; c < components; ++c) {
    const std::uint8_t depth = stream.u8(42 + 3 * c);
    const int bits = (depth & 0x7f) + 1;
    if (depth & 0x80 || (bits != 8 && bits != 16)) {
      throw ImageError("unsupported JPEG 2000: samples that are no unsigned 8- or 16-bit integers");
    }
    if (stream.u8(43 + 3 * c) != 1 || stream.u8(44 + 3 * c) != 1) {
      throw ImageError("unsupported JPEG 2000: subsampled components");
    }
  }
  return geometry;
}

/// Walks the main header's segments and the tile-parts to the end marker, which a cut file does not reach.
void check_complete(const ByteView& stream) {
  std::size_t at = 2;
  while (stream.u16(at, ByteOrder::big) != 0xff90) {
    const std::uint32_t length = stream.u16(at + 2, ByteOrder::big);
    if (stream.u8(at) != 0xff || length < 2) throw ImageError("corrupt JPEG 2000: segment length");
    at += 2 + length;
  }
  while (stream.u16(at, ByteOrder::big) == 0xff90) {
    const std::uint32_t length = stream.u32(at + 6, ByteOrder::big);
    if (length == 0) {  // the last tile-part, up to the end marker
      if (stream.has(stream.size() - 2, "\xff\xd9")) return;
      throw ImageError("truncated JPEG 2000: no end marker");
    }
    if (length < 14) throw ImageError("corrupt JPEG 2000: tile-part length");
    at += length;
  }
  if (stream.u16(at, ByteOrder::big) != 0xffd9) throw ImageError("corrupt JPEG 2000: no end marker after the tiles");
}

}  // namespace

Decoded decode_jp2(const ByteView& file, const DecodeOptions& options) {
  try {
    const ByteView stream = find_codestream(file);
    const Geometry geometry = read_size(stream, options);
    check_complete(stream);
    Decoded decoded;
    decoded.image =
        decode_with_opencv("JPEG 2000", file, static_cast<int>(geometry.height), static_cast<int>(geometry.width));
    return decoded;
  } catch (const ImageError& error) {
    if (error.what() == "truncated"sv) throw ImageError("truncated JPEG 2000");
    throw;
  }
}

}  // namespace cuebench
