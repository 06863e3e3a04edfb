#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>

namespace cuebench {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string last_reason() {
  return std::strerror(errno);
}

/// What to do about a write that failed, behind the reason.
std::string_view remedy(int error) {
  if (error == ENOSPC || error == EDQUOT)
    return "; make room there, and the same command continues, or name another place";
  if (error == EFBIG) return "; allow larger files there (ulimit -f), and the same command continues";
  return "";
}

template <typename Container>
Container read_whole(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0)
    throw UsageError(fmt::format("cannot read '{}': {}", path.string(), last_reason()));
  if (S_ISDIR(facts.st_mode)) throw UsageError(fmt::format("'{}' is a folder where a file is expected", path.string()));

  Container content;
  content.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  while (true) {
    // At the stated end one byte is tried apart: growing the buffer would copy a large file just to see its end.
    char beyond = 0;
    const bool full = filled == content.size();
    const auto count =
        full ? ::read(file.get(), &beyond, 1) : ::read(file.get(), content.data() + filled, content.size() - filled);
    if (count < 0) throw UsageError(fmt::format("cannot read '{}': {}", path.string(), last_reason()));
    if (count == 0) break;
    if (full) {  // it grew meanwhile, or its size is not known (a pipe, /proc)
      content.resize(content.size() + 65536);
      std::memcpy(content.data() + filled, &beyond, 1);
    }
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  return read_whole<std::vector<std::byte>>(path);
}

std::string read_text_file(const std::filesystem::path& path) {
  return read_whole<std::string>(path);
}

FileWriter::FileWriter(std::filesystem::path path)
    : path_(std::move(path)), temporary_(fmt::format("{}.{}.part", path_.string(), ::getpid())) {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("write");
  // Tells remove_abandoned_parts that somebody is at it. A file system without locks keeps abandoned parts.
  ::flock(descriptor_, LOCK_EX | LOCK_NB);
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

FileWriter::~FileWriter() {
  if (descriptor_ < 0) return;
  ::unlink(temporary_.c_str());
  ::close(descriptor_);
}

void FileWriter::write(std::string_view content) {
  while (!content.empty()) {
    const auto count = ::write(descriptor_, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write");
    content.remove_prefix(static_cast<std::size_t>(count));
    size_ += static_cast<std::uintmax_t>(count);
  }
}

void FileWriter::commit(Durability durability) {
  if (durability == Durability::synced && ::fsync(descriptor_) != 0) fail("write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("replace");
  ::close(std::exchange(descriptor_, -1));
}

void FileWriter::fail(std::string_view step) const {
  const int error = errno;
  throw RunError(fmt::format("cannot {} '{}': {}{}", step, path_.string(), std::strerror(error), remedy(error)));
}

void remove_abandoned_parts(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".part") continue;
    const FileDescriptor file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content, Durability durability) {
  FileWriter file(path);
  file.write(content);
  file.commit(durability);
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

void require_writable_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder))
    throw UsageError(fmt::format("cannot make the folder '{}': {}; choose another place with --out", folder.string(),
                                 error ? error.message() : "a file of that name is in the way"));
  const auto probe = folder / fmt::format(".cuebench-write-test-{}", ::getpid());
  const FileDescriptor file(::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file)
    throw UsageError(
        fmt::format("cannot write into '{}': {}; choose another place with --out", folder.string(), last_reason()));
  ::unlink(probe.c_str());
}

}  // namespace cuebench
