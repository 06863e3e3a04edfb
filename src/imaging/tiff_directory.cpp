#include "tiff_directory.hpp"

#include <utility>

namespace cuebench {
namespace {

constexpr std::size_t kMaxValues = 64;

// Bytes of one value by TIFF type, 0 for types that are not read.
std::size_t value_size(std::uint32_t type) {
  switch (type) {
    case 1:
      return 1;
    case 3:
      return 2;
    case 4:
      return 4;
    default:
      return 0;
  }
}

std::uint32_t read_value(const ByteView& file, std::size_t at, std::size_t size, ByteOrder order) {
  if (size == 1) return file.u8(at);
  return size == 2 ? file.u16(at, order) : file.u32(at, order);
}

}  // namespace

TiffDirectory read_tiff_directory(const ByteView& file) {
  if (!file.has(0, "II") && !file.has(0, "MM")) throw ImageError("corrupt TIFF: no byte order mark");
  const ByteOrder order = file.has(0, "II") ? ByteOrder::little : ByteOrder::big;
  const std::uint32_t version = file.u16(2, order);
  if (version == 43) throw ImageError("unsupported format BigTIFF");
  if (version != 42) throw ImageError("corrupt TIFF: version is not 42");

  const std::size_t start = file.u32(4, order);
  const std::size_t entries = file.u16(start, order);
  const ByteView table = file.slice(start + 2, entries * 12);
  TiffDirectory directory;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = i * 12;
    const std::size_t size = value_size(table.u16(entry + 2, order));
    const std::size_t count = table.u32(entry + 4, order);
    if (size == 0 || count == 0 || count > kMaxValues) continue;
    const bool in_entry = size * count <= 4;
    TiffField field;
    field.at = in_entry ? start + 2 + entry + 8 : table.u32(entry + 8, order);
    for (std::size_t k = 0; k < count; ++k) field.values.push_back(read_value(file, field.at + k * size, size, order));
    directory[table.u16(entry, order)] = std::move(field);
  }
  return directory;
}

std::uint32_t tiff_value(const TiffDirectory& directory, std::uint32_t tag, std::uint32_t missing) {
  const auto found = directory.find(tag);
  return found == directory.end() ? missing : found->second.values.front();
}

}  // namespace cuebench
