#pragma once
// The first directory of a TIFF structure: of a TIFF file, and of an EXIF block.

#include <cstdint>
#include <map>
#include <vector>

#include "byte_view.hpp"

namespace cuebench {

struct TiffField {
  std::vector<std::uint32_t> values;
  /// Where the first value stands in the file.
  std::size_t at = 0;
};

/// Tag -> field, for tags whose values are unsigned integers (BYTE, SHORT, LONG) and at most 64 of them.
using TiffDirectory = std::map<std::uint32_t, TiffField>;

/// @throws ImageError when the header is not one of a classic TIFF or the directory runs past the end.
TiffDirectory read_tiff_directory(const ByteView& file);

/// The first value of a tag, or `missing`.
std::uint32_t tiff_value(const TiffDirectory& directory, std::uint32_t tag, std::uint32_t missing);

}  // namespace cuebench
