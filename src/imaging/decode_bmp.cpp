#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <string>

#include "formats.hpp"

// Uncompressed BMP of 1, 4, 8, 16, 24 and 32 bits, with the expansion of 5- and 6-bit channels that Pillow has.
namespace cuebench {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
  throw ImageError("corrupt BMP: " + what);
}

constexpr std::size_t kFileHeader = 14;

enum Compression : std::uint32_t { kRgb = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6 };

struct BmpHeader {
  std::int64_t width = 0, height = 0;
  bool top_down = false;
  int bits = 0;
  std::size_t pixels_at = 0;
  std::size_t palette_at = 0, palette_entry = 4, colours = 0;
  std::array<std::uint32_t, 3> masks = {};  // R, G, B; for 16 and 32 bits

  std::size_t packed_row() const { return (std::size_t(width) * bits + 7) / 8; }
  std::size_t stride() const { return (packed_row() + 3) / 4 * 4; }
};

/// The core header of OS/2 1: 16-bit sides, palette entries of three bytes.
void read_core_header(const ByteView& file, BmpHeader& header) {
  header.width = file.u16(18, ByteOrder::little);
  header.height = file.u16(20, ByteOrder::little);
  header.bits = static_cast<int>(file.u16(24, ByteOrder::little));
  header.palette_entry = 3;
}

void read_masks(const ByteView& file, std::uint32_t compression, BmpHeader& header) {
  if (header.bits == 16) header.masks = {0x7c00, 0x03e0, 0x001f};
  if (header.bits == 32) header.masks = {0xff0000, 0x00ff00, 0x0000ff};
  if (compression != kBitFields && compression != kAlphaBitFields) return;
  if (header.bits != 16 && header.bits != 32) corrupt("bit fields with " + std::to_string(header.bits) + " bits");
  for (std::size_t c = 0; c < 3; ++c) header.masks[c] = file.u32(kFileHeader + 40 + 4 * c, ByteOrder::little);
  for (const std::uint32_t mask : header.masks) {
    const int low = std::countr_zero(mask), length = std::popcount(mask);
    const bool contiguous = mask != 0 && std::uint64_t(mask) >> low == (std::uint64_t(1) << length) - 1;
    if (!contiguous || length > 8 || low + length > header.bits) throw ImageError("unsupported BMP: channel masks");
  }
}

BmpHeader read_header(const ByteView& file) {
  const std::size_t header_bytes = file.u32(kFileHeader, ByteOrder::little);
  BmpHeader header;
  header.pixels_at = file.u32(10, ByteOrder::little);
  std::uint32_t compression = kRgb, colours = 0;
  if (header_bytes == 12) {
    read_core_header(file, header);
  } else {
    constexpr std::array<std::size_t, 6> kKnown = {40, 52, 56, 64, 108, 124};
    if (std::find(kKnown.begin(), kKnown.end(), header_bytes) == kKnown.end()) corrupt("header length");
    header.width = file.i32(18, ByteOrder::little);
    header.height = file.i32(22, ByteOrder::little);
    header.bits = static_cast<int>(file.u16(28, ByteOrder::little));
    compression = file.u32(30, ByteOrder::little);
    colours = file.u32(46, ByteOrder::little);
  }
  header.top_down = header.height < 0;
  header.height = std::abs(header.height);
  if (compression == kRle8 || compression == kRle4) throw ImageError("unsupported BMP: run-length compression");
  if (compression != kRgb && compression != kBitFields && compression != kAlphaBitFields) {
    throw ImageError("unsupported BMP: compression " + std::to_string(compression));
  }
  constexpr std::array<int, 6> kDepths = {1, 4, 8, 16, 24, 32};
  if (std::find(kDepths.begin(), kDepths.end(), header.bits) == kDepths.end()) {
    corrupt(std::to_string(header.bits) + " bits a pixel");
  }
  read_masks(file, compression, header);

  const bool masks_follow = header_bytes == 40 && (compression == kBitFields || compression == kAlphaBitFields);
  const std::size_t mask_bytes = masks_follow ? (compression == kBitFields ? 12 : 16) : 0;
  header.palette_at = kFileHeader + header_bytes + mask_bytes;
  if (header.pixels_at < header.palette_at) corrupt("the pixels start inside the header");
  if (header.bits <= 8) {
    const std::size_t full = std::size_t(1) << header.bits;
    const std::size_t room = (header.pixels_at - header.palette_at) / header.palette_entry;
    header.colours = std::min({colours ? std::size_t(colours) : full, full, room});
    if (header.colours == 0) corrupt("no palette");
  }
  return header;
}

void expand_palette_row(const ByteView& file, const BmpHeader& header, const std::uint8_t* row, std::uint8_t* target) {
  for (std::size_t x = 0; x < std::size_t(header.width); ++x, target += 3) {
    const std::size_t bit = x * header.bits;
    const std::size_t index = row[bit / 8] >> (8 - header.bits - bit % 8) & ((1u << header.bits) - 1);
    if (index >= header.colours) {
      corrupt("palette index " + std::to_string(index) + " of " + std::to_string(header.colours));
    }
    const std::uint8_t* entry = file.data() + header.palette_at + index * header.palette_entry;
    for (int c = 0; c < 3; ++c) target[c] = entry[2 - c];
  }
}

void expand_masked_row(const BmpHeader& header, const std::uint8_t* row, std::uint8_t* target) {
  const std::size_t bytes = header.bits / 8;
  for (std::int64_t x = 0; x < header.width; ++x, row += bytes, target += 3) {
    std::uint32_t pixel = 0;
    for (std::size_t b = 0; b < bytes; ++b) pixel |= std::uint32_t(row[b]) << (8 * b);
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t mask = header.masks[c], shift = std::countr_zero(mask);
      target[c] = static_cast<std::uint8_t>(((pixel & mask) >> shift) * 255 / (mask >> shift));
    }
  }
}

}  // namespace

Decoded decode_bmp(const ByteView& file, const DecodeOptions& options) {
  const BmpHeader header = read_header(file);
  check_size("BMP", header.height, header.width, options);
  // The padding of the last row may be missing.
  const std::size_t bytes = header.stride() * (header.height - 1) + header.packed_row();
  if (header.pixels_at > file.size() || file.size() - header.pixels_at < bytes) {
    throw ImageError("truncated BMP: the pixels run past the end");
  }
  Decoded decoded;
  decoded.image = Image(static_cast<int>(header.height), static_cast<int>(header.width));
  for (int y = 0; y < decoded.image.height; ++y) {
    const std::size_t stored = header.top_down ? y : header.height - 1 - y;
    const std::uint8_t* row = file.data() + header.pixels_at + stored * header.stride();
    std::uint8_t* target = decoded.image.row(y);
    if (header.bits <= 8) {
      expand_palette_row(file, header, row, target);
    } else if (header.bits == 24) {
      for (int x = 0; x < decoded.image.width; ++x, row += 3, target += 3) {
        for (int c = 0; c < 3; ++c) target[c] = row[2 - c];
      }
    } else {
      expand_masked_row(header, row, target);
    }
  }
  return decoded;
}

}  // namespace cuebench
