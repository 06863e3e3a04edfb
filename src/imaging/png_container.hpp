#pragma once
// The chunks of a PNG file, checked: order, lengths, checksums, and what the header promises.

#include <cstdint>
#include <vector>

#include "byte_view.hpp"

namespace cuebench {

struct PngHeader {
  int width = 0, height = 0;
  int depth = 0;
  int colour = 0;
  bool interlaced = false;

  enum Colour { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgba = 6 };
  int channels() const;
  int bits_per_pixel() const { return depth * channels(); }
  std::size_t row_bytes(int columns) const { return (std::size_t(columns) * bits_per_pixel() + 7) / 8; }
};

struct PngContainer {
  PngHeader header;
  ByteView palette;  // RGB triples
  std::vector<ByteView> data;
  ByteView exif;
};

/// The header alone. @throws ImageError.
PngHeader read_png_header(const ByteView& file);
/// All chunks from IHDR to IEND. Bytes after IEND are allowed. @throws ImageError for anything that is not as
/// the PNG specification (third edition, section 5) demands, a wrong checksum of any chunk among them.
PngContainer read_png_container(const ByteView& file);

}  // namespace cuebench
