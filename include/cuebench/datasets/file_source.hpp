#pragma once
// Files below one place, whether that is a folder or a tar archive (plain, or compressed with gzip, xz, bzip2 or zstd).
// Archives are read without unpacking: a plain one in place; a compressed one is decompressed once when it is opened,
// into memory up to a limit and from there on into an unlinked temporary file in TMPDIR.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// One regular file of a source.
struct SourceFile {
  /// Relative to the source, parts joined with '/'; never absolute, without "." and "..".
  std::string path;
  std::int64_t size = 0;
  /// Where the content begins in the archive's store; -1 in a folder.
  std::int64_t offset = -1;
};

/// An opened source. Entries whose name begins with a dot (.ipynb_checkpoints, .DS_Store) are left out everywhere.
struct FileSource {
  bool is_archive = false;
  /// In the order of their paths as bytes; each path once.
  std::vector<SourceFile> files;
  /// Every folder below the source, in the same order; empty ones too where the source has them.
  std::vector<std::string> folders;
  /// What was ignored (links in archives, loops of symbolic links), one sentence each.
  std::vector<std::string> notes;
  /// The content of one of `files`. Thread-safe. @throws ImageError with the reason, without the path.
  std::function<std::vector<std::byte>(const SourceFile&)> read;
};

struct FileSourceOptions {
  /// Bytes of a compressed archive that are held in memory; what is beyond goes to a temporary file.
  std::int64_t memory_limit = std::int64_t{512} << 20;
};

/// Lists the files below `path`. Symbolic links in folders are followed, loops end with a note; links, devices and
/// unsafe names in archives are ignored with a note and never touch the disk.
/// @throws UsageError: absent, not readable, neither folder nor tar, truncated or damaged archive.
FileSource open_file_source(const std::filesystem::path& path, const FileSourceOptions& options = {});

/// Some of the file paths below `path` (at most `count`, in no promised order), from a part of the listing: to
/// recognise what a source holds. Empty when `path` is neither a folder nor a tar archive, or is not readable.
std::vector<std::string> peek_file_paths(const std::filesystem::path& path, std::size_t count);

/// True for the extensions of torchvision's ImageFolder in any case: jpg jpeg png ppm bmp pgm tif tiff webp.
bool has_image_extension(std::string_view path);

/// The path without its image extension; unchanged where it has none.
std::string_view without_image_extension(std::string_view path);

}  // namespace cuebench
