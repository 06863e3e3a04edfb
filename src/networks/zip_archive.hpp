#pragma once
// Reads a zip archive in memory, by its central directory. Nothing is written to disk. Stored and deflated entries;
// zip64; the CRC-32 of every entry that is read is checked.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "byte_reader.hpp"
#include "checkpoint_file.hpp"

namespace cuebench {

struct ZipEntry {
  std::string name;
  std::uint64_t bytes = 0;         ///< uncompressed
  std::uint64_t stored_bytes = 0;  ///< in the archive
  std::uint64_t header = 0;        ///< offset of its local header
  std::uint32_t checksum = 0;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
};

class ZipArchive {
 public:
  /// Reads the directory. `bytes` and `file` must outlive the archive. @throws CheckpointError.
  ZipArchive(Bytes bytes, CheckpointFile& file);

  const std::vector<ZipEntry>& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;

  /// The content, checked. A deflated entry larger than `most` is refused before it is inflated; a stored one needs no
  /// memory. The view holds while the archive lives.
  Bytes read(const ZipEntry& entry, std::uint64_t most);

 private:
  struct Directory {
    std::uint64_t offset = 0, bytes = 0, entries = 0;
  };
  Directory find_directory() const;
  Directory zip64_directory(std::uint64_t end_record) const;
  void read_directory(const Directory& directory);
  ZipEntry parse_entry(Bytes record, Bytes name, Bytes extra) const;
  void apply_zip64(ZipEntry& entry, Bytes extra) const;
  void check_name(const std::string& name) const;
  Bytes raw_content(const ZipEntry& entry) const;

  Bytes bytes_;
  CheckpointFile& file_;
  std::uint64_t directory_offset_ = 0;
  std::vector<ZipEntry> entries_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<const ZipEntry*, Bytes> checked_;
  std::map<const ZipEntry*, std::vector<std::byte>> inflated_;
};

}  // namespace cuebench
