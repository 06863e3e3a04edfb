#pragma once
// Where the regular files of a tar archive lie: ustar, pax, GNU and pre-POSIX headers.
// Sources: POSIX.1-2017 `pax` (ustar and pax interchange formats), GNU tar manual "Basic Tar Format".

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <cuebench/datasets/file_source.hpp>

#include "byte_store.hpp"
#include "byte_stream.hpp"
#include "left_out.hpp"

namespace cuebench {

struct TarIndex {
  /// In the archive's order; a name may come more than once (the last one counts).
  std::vector<SourceFile> files;
  std::vector<std::string> folders;
  /// Members that are left out, by kind ("symbolic link").
  std::map<std::string, LeftOut> ignored;
  /// False when the file ends without the two zero blocks that close an archive.
  bool has_end_marker = false;
};

/// True when the first 512 bytes are a tar header (its checksum is right).
bool is_tar_header(std::span<const std::byte> block);

/// True when the file, decompressed if it is compressed, begins with a tar header. @throws UsageError when it cannot be
/// read.
bool starts_as_tar(const std::filesystem::path& path);

/// How far to read: everything, or a part to recognise the content by.
struct TarLimit {
  std::size_t files = SIZE_MAX;
  std::int64_t bytes = INT64_MAX;
};

/// Walks the archive from the stream's beginning. With `store`, the content of every file is appended to it and
/// `offset` counts there; without, contents are skipped and `offset` counts in the stream.
/// @throws UsageError: damaged header, truncated archive.
TarIndex read_tar_index(ByteStream& stream, ByteStore* store, const TarLimit& limit = {});

}  // namespace cuebench
