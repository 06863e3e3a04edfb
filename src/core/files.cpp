#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
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

void write_file_atomically(const std::filesystem::path& path, std::string_view content, Durability durability) {
  const std::string temporary = fmt::format("{}.{}.part", path.string(), ::getpid());
  const auto fail = [&](std::string_view step) {
    const std::string reason = last_reason();
    ::unlink(temporary.c_str());
    throw RunError(fmt::format("cannot {} '{}': {}", step, path.string(), reason));
  };
  {
    const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) fail("write");
    for (std::string_view rest = content; !rest.empty();) {
      const auto count = ::write(file.get(), rest.data(), rest.size());
      if (count < 0) fail("write");
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    if (durability == Durability::synced && ::fsync(file.get()) != 0) fail("write");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("replace");
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
