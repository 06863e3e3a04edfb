#include "byte_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/imaging/decode.hpp>

namespace cuebench {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// Fills `out` from the file; the number of bytes that were there.
std::size_t read_at(int file, std::int64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(file, out.data() + done, out.size() - done, offset + std::int64_t(done));
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR) continue;
      throw ImageError(fmt::format("cannot be read: {}", reason(errno)));
    }
    done += std::size_t(count);
  }
  return done;
}

/// Opened for reading. @throws ImageError with the reason.
class RegularFile {
 public:
  // O_NONBLOCK: a named pipe that took the file's place must not block the run.
  explicit RegularFile(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat status {};
    if (!file_.is_open() || ::fstat(file_.number(), &status) != 0) {
      throw ImageError(errno == ENOENT ? std::string("no such file") : "cannot be read: " + reason(errno));
    }
    if (S_ISDIR(status.st_mode)) throw ImageError("is a folder");
    if (!S_ISREG(status.st_mode)) throw ImageError("not a regular file");
    size_ = status.st_size;
  }
  int number() const { return file_.number(); }
  std::int64_t size() const { return size_; }

 private:
  FileDescriptor file_;
  std::int64_t size_ = 0;
};

}  // namespace

ByteStore ByteStore::of_file(const std::filesystem::path& path) {
  ByteStore store(0);
  store.file_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!store.file_.is_open() || ::fstat(store.file_.number(), &status) != 0) {
    throw UsageError(fmt::format("cannot read '{}': {}", path.string(), reason(errno)));
  }
  store.size_ = status.st_size;
  return store;
}

void ByteStore::append(std::span<const std::byte> bytes) {
  if (in_memory() && size_ + std::int64_t(bytes.size()) > memory_limit_) move_to_file();
  if (in_memory()) {
    append_to_memory(bytes);
  } else {
    write_to_file(bytes);
  }
  size_ += std::int64_t(bytes.size());
}

void ByteStore::append_to_memory(std::span<const std::byte> bytes) {
  std::int64_t end = size_;
  while (!bytes.empty()) {
    const std::int64_t used = end % kBlockBytes;
    if (used == 0) blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
    const std::size_t part = std::min(bytes.size(), std::size_t(kBlockBytes - used));
    std::memcpy(blocks_.back().get() + used, bytes.data(), part);
    bytes = bytes.subspan(part);
    end += std::int64_t(part);
  }
}

void ByteStore::move_to_file() {
  std::error_code failed;
  const auto folder = std::filesystem::temp_directory_path(failed);
  std::string name = (folder / "cuebench-archive-XXXXXX").string();
  if (!failed) file_ = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (!file_.is_open()) {
    throw RunError(
        fmt::format("cannot make a temporary file for a large compressed archive ({}): set TMPDIR to a folder "
                    "with space, or unpack the archive",
                    failed ? failed.message() : name + ": " + reason(errno)));
  }
  ::unlink(name.c_str());  // the space is freed when the descriptor goes, whatever ends the process
  std::int64_t left = size_;
  for (auto& block : blocks_) {
    write_to_file({block.get(), std::size_t(std::min(left, kBlockBytes))});
    left -= std::min(left, kBlockBytes);
    block.reset();
  }
  blocks_.clear();
}

void ByteStore::write_to_file(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw RunError(
          fmt::format("cannot write the temporary file of a large compressed archive: {}; set TMPDIR to a folder with "
                      "space, or unpack the archive",
                      reason(errno)));
    }
    bytes = bytes.subspan(std::size_t(count));
  }
}

std::vector<std::byte> ByteStore::read(std::int64_t offset, std::int64_t count) const {
  if (count > kMaxReadBytes) throw ImageError(fmt::format("too large: {} bytes", count));
  if (offset < 0 || count < 0 || offset > size_ || count > size_ - offset) throw ImageError("truncated archive");
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  if (!in_memory()) {
    if (read_at(file_.number(), offset, bytes) != bytes.size()) throw ImageError("truncated archive");
    return bytes;
  }
  for (std::size_t done = 0; done < bytes.size();) {
    const std::int64_t at = offset + std::int64_t(done);
    const std::size_t part = std::min(bytes.size() - done, std::size_t(kBlockBytes - at % kBlockBytes));
    std::memcpy(bytes.data() + done, blocks_[std::size_t(at / kBlockBytes)].get() + at % kBlockBytes, part);
    done += part;
  }
  return bytes;
}

std::vector<std::byte> read_file_part(const std::filesystem::path& path, std::int64_t offset, std::int64_t count) {
  if (count > kMaxReadBytes) throw ImageError(fmt::format("too large: {} bytes", count));
  const RegularFile file(path);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  if (read_at(file.number(), offset, bytes) != bytes.size()) throw ImageError("truncated archive");
  return bytes;
}

std::vector<std::byte> read_image_file(const std::filesystem::path& path) {
  const RegularFile file(path);
  if (file.size() > kMaxReadBytes) throw ImageError(fmt::format("too large: {} bytes", file.size()));
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
  bytes.resize(read_at(file.number(), 0, bytes));
  return bytes;
}

}  // namespace cuebench
