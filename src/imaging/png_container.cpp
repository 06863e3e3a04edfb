#include "png_container.hpp"

#include <cctype>
#include <string>

#include <libdeflate.h>

namespace cuebench {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kChunkOverhead = 12;  // length, type, checksum

struct Chunk {
  std::string type;
  ByteView data;
  bool critical() const { return std::isupper(static_cast<unsigned char>(type[0])) != 0; }
};

[[noreturn]] void corrupt(const std::string& what) {
  throw ImageError("corrupt PNG: " + what);
}

Chunk read_chunk(const ByteView& file, std::size_t at) {
  if (file.size() - at < kChunkOverhead) throw ImageError("truncated PNG: no end chunk");
  const std::size_t length = file.u32(at, ByteOrder::big);
  Chunk chunk;
  chunk.type.assign(reinterpret_cast<const char*>(file.data()) + at + 4, 4);
  for (const char c : chunk.type) {
    if (!std::isalpha(static_cast<unsigned char>(c))) corrupt("a chunk type is not four letters");
  }
  if (length > file.size() - at - kChunkOverhead) {
    throw ImageError("truncated PNG: chunk " + chunk.type + " runs past the end");
  }
  chunk.data = file.slice(at + 8, length);
  const std::uint32_t checksum = libdeflate_crc32(0, file.data() + at + 4, length + 4);
  if (checksum != file.u32(at + 8 + length, ByteOrder::big)) corrupt("wrong checksum of chunk " + chunk.type);
  return chunk;
}

bool depth_allowed(int colour, int depth) {
  switch (colour) {
    case PngHeader::kGrey:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case PngHeader::kPalette:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case PngHeader::kRgb:
    case PngHeader::kGreyAlpha:
    case PngHeader::kRgba:
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

PngHeader parse_header(const Chunk& chunk) {
  if (chunk.type != "IHDR" || chunk.data.size() != 13) corrupt("the first chunk is not a header");
  PngHeader header;
  header.width = chunk.data.i32(0, ByteOrder::big);
  header.height = chunk.data.i32(4, ByteOrder::big);
  header.depth = chunk.data.u8(8);
  header.colour = chunk.data.u8(9);
  header.interlaced = chunk.data.u8(12) == 1;
  if (!depth_allowed(header.colour, header.depth)) {
    corrupt("colour type " + std::to_string(header.colour) + " with " + std::to_string(header.depth) + " bits");
  }
  if (chunk.data.u8(10) != 0 || chunk.data.u8(11) != 0 || chunk.data.u8(12) > 1) {
    corrupt("unknown compression, filter or interlace method");
  }
  return header;
}

}  // namespace

int PngHeader::channels() const {
  switch (colour) {
    case kRgb:
      return 3;
    case kGreyAlpha:
      return 2;
    case kRgba:
      return 4;
    default:
      return 1;
  }
}

PngHeader read_png_header(const ByteView& file) {
  return parse_header(read_chunk(file, kSignatureBytes));
}

PngContainer read_png_container(const ByteView& file) {
  PngContainer png;
  png.header = read_png_header(file);
  std::size_t at = kSignatureBytes;
  for (std::string previous; previous != "IEND";) {
    Chunk chunk = read_chunk(file, at);
    at += kChunkOverhead + chunk.data.size();
    const bool first = previous.empty();
    if (chunk.type == "IDAT") {
      if (!png.data.empty() && previous != "IDAT") corrupt("image data in two places");
      png.data.push_back(chunk.data);
    } else if (chunk.type == "PLTE") {
      if (!png.data.empty() || png.palette.size() > 0) corrupt("a palette after the image data or a second one");
      if (chunk.data.size() == 0 || chunk.data.size() % 3 || chunk.data.size() > 768) corrupt("palette length");
      png.palette = chunk.data;
    } else if (chunk.type == "eXIf") {
      png.exif = chunk.data;
    } else if (chunk.critical() && chunk.type != "IEND" && !(first && chunk.type == "IHDR")) {
      corrupt("unknown critical chunk " + chunk.type);
    }
    previous = std::move(chunk.type);
  }
  if (png.data.empty()) corrupt("no image data");
  if (png.header.colour == PngHeader::kPalette && png.palette.size() == 0) corrupt("no palette");
  return png;
}

}  // namespace cuebench
