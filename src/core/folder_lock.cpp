#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/folder_lock.hpp>

namespace cuebench {
namespace {

/// False when the name went to another file between opening and locking (its last holder removed it).
bool still_names(const std::filesystem::path& path, int descriptor) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder, std::string_view name) : path_(folder / name) {
  while (true) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
      throw UsageError(
          fmt::format("cannot write '{}': {}; name another folder with --out", path_.string(), std::strerror(errno)));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      throw UsageError(
          fmt::format("another cuebench is writing '{}': wait until it ends, or name another folder with "
                      "--out",
                      folder.string()));
    }
    // A file system without locks (some cluster file systems): nothing more can be done.
    if (still_names(path_, descriptor_)) return;
    ::close(descriptor_);
  }
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());  // while still locked, so that nobody can have locked it in between
  ::close(descriptor_);
}

}  // namespace cuebench
