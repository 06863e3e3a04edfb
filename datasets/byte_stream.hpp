#pragma once
// The bytes of a file from first to last; a file compressed with gzip, xz, bzip2 or zstd is decompressed on the way.
// What it is says its first bytes, never its name.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "file_descriptor.hpp"

struct archive;

namespace cuebench {

class ByteStream {
 public:
  /// @throws UsageError when the file is absent, not a regular file or not readable.
  explicit ByteStream(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  bool compressed() const { return decoder_ != nullptr; }
  /// Bytes passed so far, of the decompressed content.
  std::int64_t position() const { return position_; }

  /// Fills `out`; fewer bytes only at the end. @throws UsageError when the file is damaged or cannot be read.
  std::size_t read(std::span<std::byte> out);
  /// Passes over `count` bytes without reading them where it can; false when the content ends before.
  bool skip(std::int64_t count);

 private:
  std::size_t read_plain(std::span<std::byte> out);
  std::size_t read_compressed(std::span<std::byte> out);

  struct CloseDecoder {
    void operator()(archive* decoder) const;
  };
  std::filesystem::path path_;
  FileDescriptor file_;
  std::int64_t file_size_ = 0;
  std::int64_t position_ = 0;
  std::unique_ptr<archive, CloseDecoder> decoder_;
};

}  // namespace cuebench
