#pragma once
// Bytes that many threads may read at any offset: a file in place, or appended bytes that move from memory to an
// unlinked temporary file when they pass a limit.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "file_descriptor.hpp"

namespace cuebench {

/// Files above this size are not read as images; it bounds what one damaged length can allocate.
inline constexpr std::int64_t kMaxReadBytes = std::int64_t{1} << 30;

class ByteStore {
 public:
  /// Reads from the file itself. @throws UsageError when it cannot be opened.
  static ByteStore of_file(const std::filesystem::path& path);
  /// Empty, to be appended to.
  explicit ByteStore(std::int64_t memory_limit) : memory_limit_(memory_limit) {}

  /// Not thread-safe. @throws RunError when the temporary file cannot be written.
  void append(std::span<const std::byte> bytes);
  std::int64_t size() const { return size_; }
  bool in_memory() const { return !file_.is_open(); }

  /// Thread-safe. @throws ImageError when the bytes are not all there or cannot be read.
  std::vector<std::byte> read(std::int64_t offset, std::int64_t count) const;

 private:
  static constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20;
  void append_to_memory(std::span<const std::byte> bytes);
  void move_to_file();
  void write_to_file(std::span<const std::byte> bytes);

  std::int64_t memory_limit_ = 0;
  std::int64_t size_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  FileDescriptor file_;
};

/// The whole of a file. @throws ImageError: no such file, a folder, not readable, too large.
std::vector<std::byte> read_image_file(const std::filesystem::path& path);

/// `count` bytes of a file from `offset` on. @throws ImageError: as read_image_file; the file ends before.
std::vector<std::byte> read_file_part(const std::filesystem::path& path, std::int64_t offset, std::int64_t count);

}  // namespace cuebench
